package dev.gatun.kernels.codegen;

import dev.gatun.kernels.expr.Expr;

/// Everything that is compiled into the [MicroKernel] of one filter per channel on images that lie channels last.
///
/// @param type element and vector width
/// @param step from one result to the next, in both directions, in pixels of the image
/// @param height rows of the filter that lie inside the image
/// @param width taps of a row
/// @param rows rows of results at once
/// @param columns results of a row at once
/// @param epilogue what is stored, input 0 being the finished sum; its other inputs are one number per channel
/// @param extras how many inputs it has beside the sum
public record PixelStencilShape(
        VectorType type, int step, int height, int width, int rows, int columns, Expr epilogue, int extras) {
    /// More memory accesses than this in one method and C1 may give up on it.
    private static final int ACCESSES = 42;

    /// True when all taps of all results can be written out in one method.
    public boolean fits() {
        return down() * across() + height * width + rows * columns + extras <= ACCESSES
                && (epilogue.equals(Expr.input(0)) || ExprLowering.isCheap(epilogue));
    }

    /// Rows of the image that are read.
    int down() {
        return (rows - 1) * step + height;
    }

    /// Pixels of a row that are read.
    int across() {
        return (columns - 1) * step + width;
    }

    /// Which tap of `taps` the result at `result` applies to the pixel at `pixel`, −1 when none.
    int tap(int pixel, int result, int taps) {
        int tap = pixel - result * step;
        return tap >= 0 && tap < taps ? tap : -1;
    }
}
