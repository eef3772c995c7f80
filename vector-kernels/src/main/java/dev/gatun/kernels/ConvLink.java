package dev.gatun.kernels;

/// One convolution of a chain ([ConvKernels#chain]).
///
/// @param spec stride, padding, dilation, groups
/// @param w weights, packed for [ImageLayout#CHANNELS_LAST] and a direct sum
/// @param epilogue what happens to a result; its operands have the shape of the link's results
public record ConvLink(ConvSpec spec, PackedFilter w, Epilogue epilogue) {
    /// True for a 1×1 of all channels that keeps the size of the image.
    public boolean isPointwise() {
        return w.kh() == 1 && w.kw() == 1 && spec.groups() == 1 && spec.strideH() == 1 && spec.strideW() == 1
                && spec.padTop() == 0 && spec.padBottom() == 0 && spec.padLeft() == 0 && spec.padRight() == 0;
    }

    /// True for one filter per channel.
    public boolean isDepthwise() {
        return spec.groups() == w.oc() && w.c() == 1 && w.oc() > 1;
    }

    /// Shape of the results for images of shape `x`.
    public int[] result(int... x) {
        return new int[] {x[0], w.oc(), spec.outHeight(x[2], w.kh()), spec.outWidth(x[3], w.kw())};
    }
}
