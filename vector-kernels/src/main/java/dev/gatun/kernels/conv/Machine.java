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

    /// The correlation of every group of every image: row by row where a group has one or two results, else by tiles, small images
    /// together.
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
        if (placement.isSame() && MergedProduct.pays(shape, m, source, a, out, extras)) {
            return new MergedProduct(this, shape, m, source, a, out, epilogue, extras);
        }
        // What is not stored in place is moved from scratch memory, which has room for whole vectors.
        int n = placement.isSame() ? shape.pixels() : Math.ceilDiv(shape.pixels(), type.lanes()) * type.lanes();
        Extras operands = extras.isEmpty() ? Extras.NONE : new Extras(extras);
        TileProduct tiles = product(Tiling.of(type, m, n), depth, epilogue, operands);
        return new ConvProduct(threads, tiles, depth, shape, source, a, out, operands, placement);
    }

    /// The products of tiles of a sum cut by `depth`, one block per run.
    TileProduct product(Tiling tiling, Split depth, Expr epilogue, Extras extras) {
        TileProduct.Cut cut = depth.count() > 1 ? TileProduct.Cut.APART : TileProduct.Cut.NONE;
        return new TileProduct(compiled, tiling, TileProduct.Right.COLUMNS, 0, cut, epilogue, extras);
    }
}
