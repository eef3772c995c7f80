package dev.gatun.kernels;

/// A 2-D convolution (cross-correlation): input `[n, c, h, w]`, weights `[oc, c/groups, kh, kw]`, output
/// `[n, oc, oh, ow]` with `oh = ⌊(h + padTop + padBottom − dilationH·(kh − 1) − 1) / strideH⌋ + 1`, width alike. A 1-D
/// convolution has h = kh = 1. Padding is zeros.
public record ConvSpec(
        int strideH, int strideW, int padTop, int padLeft, int padBottom, int padRight, int dilationH, int dilationW,
        int groups) {
    /// Checks the ranges: strides, dilations and groups at least 1, padding at least 0.
    public ConvSpec {
        if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1 || groups < 1) {
            throw new IllegalArgumentException("conv: stride, dilation and groups must be at least 1: stride " + strideH
                    + "×" + strideW + ", dilation " + dilationH + "×" + dilationW + ", groups " + groups);
        }
        if (padTop < 0 || padLeft < 0 || padBottom < 0 || padRight < 0) {
            throw new IllegalArgumentException("conv: padding must not be negative: top " + padTop + ", left " + padLeft
                    + ", bottom " + padBottom + ", right " + padRight);
        }
    }

    /// Same stride, padding and dilation in both directions.
    public static ConvSpec of(int stride, int padding, int dilation, int groups) {
        return new ConvSpec(stride, stride, padding, padding, padding, padding, dilation, dilation, groups);
    }

    /// True for weights `[oc, c/groups, kh, kw]` that are a 1×1 of all channels, step by step.
    public boolean isPointwise(int... w) {
        return w[2] == 1 && w[3] == 1 && equals(of(1, 0, 1, 1));
    }

    /// True for weights `[oc, c/groups, kh, kw]` that are one filter per channel.
    public boolean isDepthwise(int... w) {
        return groups > 1 && groups == w[0] && w[1] == 1;
    }

    /// Output height for input height `h` and filter height `kh`; not positive when the filter does not fit.
    public int outHeight(int h, int kh) {
        return Math.floorDiv(h + padTop + padBottom - dilationH * (kh - 1) - 1, strideH) + 1;
    }

    /// Output width for input width `w` and filter width `kw`.
    public int outWidth(int w, int kw) {
        return Math.floorDiv(w + padLeft + padRight - dilationW * (kw - 1) - 1, strideW) + 1;
    }
}
