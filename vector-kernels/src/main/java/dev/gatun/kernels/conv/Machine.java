package dev.gatun.kernels.conv;

import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Blocking;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.thread.Threads;

/// What convolutions run on: threads, micro-kernels, vector width, cache blocks.
record Machine(Threads threads, MicroKernels compiled, VectorType type, Blocking blocking) {
    /// Blocks of a sum. Half as long again as the product's: convolutions measured the same from 96 to 288 rows of a
    /// panel, and fewer blocks stage an image less often.
    Split depth(int k) {
        return new Split(k, blocking.kc() * 3 / 2);
    }

    /// The correlation of every group of every image: row by row where a group has one or two results, else by tiles.
    Product correlate(
            Correlation shape, int m, Operand source, Operand a, Operand out, Expr epilogue, Extras extras,
            Placement placement) {
        Split depth = depth(shape.k());
        if (m > 0 && m <= 2 && shape.k() > 0 && shape.k() <= RowProduct.LONGEST) {
            return new RowProduct(this, m, shape, source, a, out, epilogue, extras, placement);
        }
        Tiling tiling = Tiling.of(type, m, shape.pixels());
        TileProduct tiles = product(tiling, depth, epilogue, extras);
        return new ConvProduct(threads, tiles, depth, shape, source, a, out, extras, placement);
    }

    /// The products of tiles of a sum cut by `depth`. A sum of several blocks starts from zeros in memory, so that all its
    /// blocks are done by the same kernels.
    TileProduct product(Tiling tiling, Split depth, Expr epilogue, Extras extras) {
        int blocks = Math.max(1, depth.count());
        return new TileProduct(compiled, tiling, true, blocks == 1 ? 0 : 1, blocks, epilogue, extras);
    }
}
