package dev.gatun.kernels.conv;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;

/// A convolution on images that lie channels last: sizes, and which elements of an image the taps of a result meet.
/// Counts elements; "pixel" is the distance from one pixel of x to the next.
record PixelShape(
        ConvSpec spec, int n, int c, int h, int w, int pixel, int oc, int oh, int ow, int kh, int kw) {
    static PixelShape of(ConvSpec spec, View x, PackedFilter w, View y) {
        return new PixelShape(
                spec, x.dim(0), x.dim(1), x.dim(2), x.dim(3), ImageLayout.pixel(x), y.dim(1), y.dim(2), y.dim(3),
                w.kh(), w.kw());
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
        return (oh - 1) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
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

    /// Taps of one row of the filter whose numbers lie side by side: all, unless they are dilated or pixels have gaps.
    int run(int pixelStep) {
        return spec.dilationW() == 1 && pixelStep == c ? kw : 1;
    }
}
