package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.gemm.Blocks;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.PackedProduct;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;

/// maths: the product that one step of a sequence waits for, C = A·B or C += A·B, by ranges of rows and of panels.
/// layout: B packed once for all steps, panel by panel; rows of A and C side by side.
/// blocking and why: panel by panel, each block of k for all rows of a range: with few rows the panels stream from the
/// second-level cache, with many a block of one stays in the first. One or two rows take several panels at once, since a
/// single one has too few independent sums to keep up with the cache. Steps walk through the panels forwards and
/// backwards by turns: weights as large as the cache begin with what it still holds.
/// registers: see the micro-kernel; 16 sums for few rows, 8 where there are 16 registers.
/// evidence: docs/kernels-recurrent.md.
final class StepProduct {
    private final TileProduct product;
    private final Tiling tiling;
    private final Blocks blocks;
    private final Tile[] tiles;
    private final int aRow;
    private final long cRow;

    /// `aRow` in elements, `cRow` in bytes.
    StepProduct(
            MicroKernels compiled, Tiling tiling, Blocking blocking, int k, boolean accumulate, int aRow, long cRow,
            int workers) {
        this.tiling = tiling;
        this.aRow = aRow;
        this.cRow = cRow;
        blocks = Blocks.of(PackedProduct.depth(k, tiling, blocking));
        product = new TileProduct(
                compiled, tiling, TileProduct.Right.COLUMNS, accumulate ? 1 : 0, TileProduct.Cut.of(blocks.count()),
                Expr.input(0),
                Extras.NONE);
        tiles = new Tile[workers];
        for (int i = 0; i < workers; i++) {
            tiles[i] = new Tile();
            Extras.NONE.attach(tiles[i]);
        }
    }

    Tiling tiling() {
        return tiling;
    }

    /// Panels that are computed at once: ranges of multiples of them are the quickest.
    int together() {
        return product.together();
    }

    /// Row tiles `i0 … i1 − 1` of panels `j0 … j1 − 1`, the last panels first when `backwards`.
    void run(
            int worker, Buffer a, int aBase, MemorySegment b, long bBase, MemorySegment c, long cBase, int i0, int i1,
            int j0, int j1, boolean backwards) {
        Tile tile = tiles[worker];
        tile.a(a);
        tile.aRow = aRow;
        tile.b = b;
        tile.c = c;
        tile.cRow = cRow;
        int together = product.together();
        int groups = Math.ceilDiv(j1 - j0, together);
        for (int g = 0; g < groups; g++) {
            int first = j0 + (backwards ? groups - 1 - g : g) * together;
            int end = Math.min(first + together, j1);
            product.run(
                    tile, blocks, i0, i1, first, end, aBase, bBase, blocks.total(), cBase, Extras.NONE, 0);
        }
    }
}
