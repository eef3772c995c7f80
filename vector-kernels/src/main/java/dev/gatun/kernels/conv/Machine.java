package dev.gatun.kernels.conv;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.Winograd;
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
import java.util.List;

/// What convolutions run on: threads, micro-kernels, vector width, cache blocks, bytes of the second-level cache, and
/// the algorithms that are allowed.
record Machine(
        Threads threads, MicroKernels compiled, VectorType type, Blocking blocking, long cache, Winograd allowed) {
    Machine with(Winograd other) {
        return new Machine(threads, compiled, type, blocking, cache, other);
    }

    /// Blocks of a sum. Half as long again as the product's: convolutions measured the same from 96 to 288 rows of a
    /// panel, and fewer blocks stage an image less often. No longer than 192: from 512 on, somewhere above 304, the
    /// kernel's loop is compiled worse (docs/kernels-gemm.md).
    Split depth(int k) {
        return new Split(k, Math.min(blocking.kc() * 3 / 2, 192));
    }

    /// The correlation of every group of every image by this algorithm. `transformed`: the weights are what
    /// [WinogradFilter] made of them.
    Product correlate(
            ConvAlgorithm algorithm, boolean transformed, Correlation shape, int m, int groups, Operand source,
            Operand a, Operand out, Expr epilogue, List<Operand> extras, Placement placement) {
        if (algorithm == ConvAlgorithm.DIRECT) {
            return correlate(shape, m, source, a, out, epilogue, extras, placement);
        }
        return winograd(
                algorithm, transformed, shape, m, groups, source, a, out, epilogue,
                extras.isEmpty() ? Extras.NONE : new Extras(extras));
    }

    /// One of Winograd's algorithms on images in either layout: channels are rows and pixels columns of `source` and
    /// `out`.
    Product winograd(
            ConvAlgorithm algorithm, boolean transformed, Correlation shape, int m, int groups, Operand source,
            Operand a, Operand out, Expr epilogue, Extras extras) {
        TileTransform transform =
                algorithm == ConvAlgorithm.WINOGRAD_2 ? new TileOfTwo() : new TileOfFour();
        WinogradFilter filter = new WinogradFilter(
                transform, m * groups, shape.channels(), groups, shape.isReversed(), cache);
        WinogradShape tiles =
                WinogradShape.of(shape, out.batch() / groups, m, transform.m(), filter, threads.count(), cache);
        return new WinogradProduct(
                this, tiles, filter, source, transformed ? null : a, out, epilogue, extras);
    }

    /// The correlation of every group of every image: row by row where a group has one or two results, else by tiles.
    Product correlate(
            Correlation shape, int m, Operand source, Operand a, Operand out, Expr epilogue,
            List<Operand> extras, Placement placement) {
        PlaneRows plane = m > 0 && m <= DepthwiseProduct.MOST ? PlaneRows.of(shape) : null;
        if (plane != null && plane.grid().height() <= DepthwiseProduct.TALLEST) {
            return new DepthwiseProduct(this, plane, m, shape, source, a, out, epilogue, extras, placement);
        }
        Split depth = depth(shape.k());
        if (m > 0 && m <= 2 && shape.k() > 0 && shape.k() <= RowProduct.LONGEST) {
            return new RowProduct(this, m, shape, source, a, out, epilogue, extras, placement);
        }
        // Whole vectors only: with a tail, the kernels that add to old values are more than C1 can compile, and would be
        // interpreted for ever. Then a block is computed next to its place, moved, and finished there.
        int vectors = Math.ceilDiv(shape.pixels(), type.lanes());
        Tiling tiling = Tiling.of(type, m, vectors * type.lanes());
        Extras operands = extras.isEmpty() ? Extras.NONE : new Extras(extras);
        if (tiling.n() == shape.pixels() || epilogue.equals(Expr.input(0))) {
            TileProduct tiles = product(tiling, depth, epilogue, operands);
            return new ConvProduct(threads, tiles, null, depth, shape, source, a, out, operands, placement);
        }
        // Few images on several threads: their rows are cut too, at places that need not be even.
        int pair = threads.count() > 1 && out.batch() < 4 * threads.count() ? 1 : 2;
        TileProduct tiles = product(tiling, depth, Expr.input(0), Extras.NONE);
        TileProduct finish = finish(m, shape.pixels(), pair, epilogue, operands);
        return new ConvProduct(threads, tiles, finish, depth, shape, source, a, out, operands, placement);
    }

    /// An epilogue on its own: the product of no terms, added to what is there. In tiles of one or two
    /// rows, since a larger one
    /// with a tail, an epilogue and old values passes the limit of C1 and would be interpreted for ever; that is why an
    /// epilogue is not always left to the product.
    TileProduct finish(int m, int n, int rows, Expr epilogue, Extras extras) {
        Tiling tiling = Tiling.of(type, m, n);
        return new TileProduct(
                compiled, new Tiling(type, m, n, new Split(m, rows), tiling.columns()), TileProduct.Right.COLUMNS, 1,
                TileProduct.Cut.NONE,
                epilogue, extras);
    }

    /// The products of tiles of a sum cut by `depth`, one block per run.
    TileProduct product(Tiling tiling, Split depth, Expr epilogue, Extras extras) {
        TileProduct.Cut cut = depth.count() > 1 ? TileProduct.Cut.APART : TileProduct.Cut.NONE;
        return new TileProduct(compiled, tiling, TileProduct.Right.COLUMNS, 0, cut, epilogue, extras);
    }
}
