package dev.gatun.kernels.gemm;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;

/// Sizes of cache blocks.
///
/// @param kc longest block of a sum
/// @param kr longest stretch of a sum that is packed at a time, cut into blocks
/// @param mc rows of A that are packed at a time
/// @param nc vectors per row of B that are packed at a time
public record Blocking(int kc, int kr, int mc, int nc) {
    // C2 compiles the loop of a sum well while its profile says that it is short: up to 304 rounds the vectors stay in
    // registers, from 512 on a second loop around it costs a quarter of the speed (docs/kernels-gemm.md).
    private static final int LONGEST = Tile.TERMS;

    /// From the caches of one core: a packed panel of `kc` rows takes the first level but for a third, which is left to
    /// A and C, or a sixteenth of the second level, from which it streams as fast; one of `kr` rows takes a quarter of
    /// the second level, as do `mc` rows of A; `nc` columns of B take half of it.
    public static Blocking of(CacheSizes caches, VectorType type) {
        long l1 = caches.l1() > 0 ? caches.l1() : 32 << 10;
        long l2 = caches.l2() > 0 ? caches.l2() : 512 << 10;
        int kc = Math.clamp(
                Math.max(l1 * 2 / 3, l2 / 16) / ((long) Tiling.widest(type) * type.bytes()) & ~15L, 64, LONGEST);
        // Copied rows hold one block.
        int kr = type.manyRegisters()
                ? Math.clamp(l2 / 4 / ((long) Tiling.widest(type) * type.bytes()), kc, 1 << 14)
                : kc;
        int mc = Math.clamp(l2 / 4 / ((long) kc * type.dtype().bytes()), 20, 1024);
        int nc = Math.clamp(l2 / 2 / ((long) kc * type.bytes()), 8, 1024);
        return new Blocking(kc, kr, mc, nc);
    }
}
