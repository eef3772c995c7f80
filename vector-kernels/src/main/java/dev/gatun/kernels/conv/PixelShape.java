package dev.gatun.kernels.conv;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;

/// A convolution whose results lie channels last: sizes, and what the taps reach.
///
/// @param isLast the images lie channels last as well, `pixel` elements from one pixel to the next; else in planes
record PixelShape(
        ConvSpec spec, int n, int c, int h, int w, boolean isLast, int pixel, int oc, int oh, int ow, int kh, int kw) {
    static PixelShape of(ConvSpec spec, View x, PackedFilter w, View y) {
        boolean last = ImageLayout.CHANNELS_LAST.holds(x);
        return new PixelShape(
                spec, x.dim(0), x.dim(1), x.dim(2), x.dim(3), last, last ? ImageLayout.pixel(x) : 1, y.dim(1),
                y.dim(2), y.dim(3), w.kh(), w.kw());
    }

    /// Results of an image.
    int pixels() {
        return oh * ow;
    }

    /// Length of the sums of a full convolution.
    int k() {
        return kh * kw * c;
    }

    /// Rows of an image that the taps reach, zeros around it included.
    int paddedRows() {
        return reach(oh);
    }

    /// Rows of an image that the taps of so many rows of results reach.
    int reach(int rows) {
        return (rows - 1) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
    }

    /// Columns that the taps reach.
    int paddedColumns() {
        return (ow - 1) * spec.strideW() + (kw - 1) * spec.dilationW() + 1;
    }

    /// True when a tap lies outside the image.
    boolean isPadded() {
        return spec.padTop() > 0 || spec.padLeft() > 0 || paddedRows() - spec.padTop() > h
                || paddedColumns() - spec.padLeft() > w;
    }

    /// Where the terms of a sum lie, in the order of the packed weights: (row of the filter, column, channel), in
    /// elements from the first, for these distances between neighbours.
    int[] taps(int rowStep, int pixelStep, int channelStep) {
        int[] at = new int[k()];
        for (int p = 0; p < at.length; p++) {
            int tap = p / c;
            at[p] = tap / kw * spec.dilationH() * rowStep + tap % kw * spec.dilationW() * pixelStep
                    + p % c * channelStep;
        }
        return at;
    }

    /// Where the taps of each result of `images` images begin.
    int[] rows(int images, int imageStep, int rowStep, int pixelStep) {
        int[] at = new int[images * pixels()];
        for (int p = 0; p < at.length; p++) {
            int line = p / ow;
            at[p] = line / oh * imageStep + line % oh * spec.strideH() * rowStep + p % ow * spec.strideW() * pixelStep;
        }
        return at;
    }
}
