package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// Maths: `U[p, q][c, o] = (G g[o, c] Gᵀ)[p, q]` for all filters of a group.
/// Layout: per position `(p, q)` the packed panels of a matrix `[c, o]` as the product wants its right-hand side, outputs
/// rounded up to whole vectors with zeros; per group all positions. Positions are an odd number of vectors apart, or
/// the transforms' stores would fall on the same few lines of the cache.
/// Blocking: a vector of outputs at a time: their rows `[o][c, tap]` are transposed, then G is applied down and across.
/// Registers: see [TileTransform]. Evidence: docs/kernels-conv.md.
record WinogradFilter(TileTransform transform, int oc, int c, int groups, boolean reversed, long cache) {
    /// Filters of `oc` outputs in all. `reversed`: the taps of a row come last first, as in a data gradient.
    WinogradFilter {
        if (oc % groups != 0) {
            throw new IllegalArgumentException("winograd: groups do not divide the outputs: " + oc + ", " + groups);
        }
    }

    int outputs() {
        return oc / groups;
    }

    /// Outputs of a group in whole vectors.
    int vectors() {
        return Math.ceilDiv(outputs(), VL);
    }

    /// True when U stays in the second-level cache beside a block.
    boolean fits() {
        return groupBytes() <= (cache > 0 ? cache : 1 << 20) / 2;
    }

    /// How the vectors are cut into panels; the same for any number of tiles. What does not stay in cache comes in
    /// narrow panels: the first tile of rows waits for memory, and a tall one hides more of that.
    Split panels(VectorType type) {
        int widest = Tiling.widest(type);
        return new Split(vectors(), fits() ? widest : Math.min(2, widest));
    }

    /// From one position to the next.
    long positionBytes() {
        return odd((long) vectors() * BYTES * c);
    }

    /// From one group to the next.
    long groupBytes() {
        return positionBytes() * transform.size() * transform.size();
    }

    /// Bytes of all.
    long bytes() {
        return Math.max(64, groupBytes() * groups);
    }

    /// Bytes rounded up to an odd number of vectors.
    static long odd(long bytes) {
        return (bytes + BYTES - 1) / BYTES * BYTES | BYTES;
    }

    /// Bytes of scratch memory for [#pack].
    long scratchBytes() {
        return rowsBytes() + columnsBytes() + (long) c * 3 * transform.size() * BYTES + Transposition.scratchBytes();
    }

    private long rowsBytes() {
        return (long) VL * blocks() * BYTES;
    }

    private long columnsBytes() {
        return (long) blocks() * VL * BYTES;
    }

    private int blocks() {
        return Math.ceilDiv(9 * c, VL);
    }

    /// Transforms vector `v` of the outputs of group `group`.
    ///
    /// @param first byte of the group's first row of `c·9` numbers, `row` bytes from one to the next
    /// @param at byte of the transformed filters of all groups
    void pack(
            MemorySegment w, long first, long row, int group, int v, MemorySegment u, long at,
            MemorySegment scratch, long room) {
        scratch = OffHeap.of(scratch);
        int count = Math.min(VL, outputs() - v * VL);
        long pitch = (long) blocks() * BYTES;
        // Through scratch memory: rows end anywhere, and the last vector has fewer of them.
        for (int o = 0; o < VL; o++) {
            long to = room + o * pitch;
            if (o < count) {
                MemorySegment.copy(w, first + (v * VL + o) * row, scratch, to, 36L * c);
            }
            for (long z = o < count ? 36L * c : 0; z < pitch; z += 4) {
                scratch.set(FLOAT, to + z, 0f);
            }
        }
        long columns = room + rowsBytes();
        long half = columns + columnsBytes();
        int size = transform.size();
        Transposition.run(scratch, room, pitch, BYTES, scratch, columns, BYTES, (long) VL * BYTES, blocks(), scratch,
                half + (long) c * 3 * size * BYTES);
        for (int x = 0; x < 3; x++) {
            transform.filter(scratch, columns + tap(0, x), columns + tap(1, x), columns + tap(2, x), 9L * BYTES,
                    scratch, half + (long) x * BYTES, 3L * BYTES, 3L * size * BYTES, c);
        }
        long target = at + group * groupBytes() + (long) v * BYTES * c;
        for (int p = 0; p < size; p++) {
            long from = half + 3L * p * BYTES;
            transform.filter(scratch, from, from + BYTES, from + 2 * BYTES, 3L * size * BYTES, u,
                    target + p * size * positionBytes(), positionBytes(), BYTES, c);
        }
    }

    private long tap(int y, int x) {
        int t = 3 * y + x;
        return (long) (reversed ? 8 - t : t) * BYTES;
    }
}
