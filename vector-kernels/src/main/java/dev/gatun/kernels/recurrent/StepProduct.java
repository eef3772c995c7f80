package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.PackedProduct;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;

/// maths: the product that one step of a sequence waits for, C = A·B or C += A·B, by ranges of rows and of panels.
/// layout: B packed once for all steps, panel by panel; rows of A and C side by side.
/// blocking and why: panel by panel, each block of k for all rows of a range: with few rows the panels stream from the
/// second-level cache, with many a block of one stays in the first.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-recurrent.md.
final class StepProduct {
    private final TileProduct product;
    private final Tiling tiling;
    private final Split depth;
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
        depth = PackedProduct.depth(k, tiling, blocking);
        product = new TileProduct(
                compiled, tiling, true, accumulate ? 1 : 0, depth.count(), Expr.input(0), Extras.NONE);
        tiles = new Tile[workers];
        for (int i = 0; i < workers; i++) {
            tiles[i] = new Tile();
            Extras.NONE.attach(tiles[i]);
        }
    }

    Tiling tiling() {
        return tiling;
    }

    /// Row tiles `i0 … i1 − 1` of panels `j0 … j1 − 1`.
    void run(
            int worker, Buffer a, int aBase, MemorySegment b, long bBase, MemorySegment c, long cBase, int i0, int i1,
            int j0, int j1) {
        Tile tile = tiles[worker];
        tile.a(a);
        tile.aRow = aRow;
        tile.b = b;
        tile.c = c;
        tile.cRow = cRow;
        for (int j = j0; j < j1; j++) {
            for (int d = 0; d < depth.count(); d++) {
                tile.k = depth.size(d);
                product.run(
                        tile, Part.of(d, depth.count()), i0, i1, j, j + 1, aBase + depth.start(d), bBase,
                        depth.total(), depth.start(d), cBase, Extras.NONE, 0);
            }
        }
    }
}
