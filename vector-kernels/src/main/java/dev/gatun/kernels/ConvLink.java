package dev.gatun.kernels;

/// One convolution of a chain ([ConvKernels#chain]).
///
/// @param spec stride, padding, dilation, groups
/// @param w weights, packed for [ImageLayout#CHANNELS_LAST] and a direct sum
/// @param epilogue what happens to a result; its operands have the shape of the link's results
public record ConvLink(ConvSpec spec, PackedFilter w, Epilogue epilogue) {
    /// True for a 1×1 of all channels that keeps the size of the image.
    public boolean isPointwise() {
        return spec.isPointwise(dims());
    }

    /// True for one filter per channel.
    public boolean isDepthwise() {
        return spec.isDepthwise(dims());
    }

    private int[] dims() {
        return new int[] {w.oc(), w.c(), w.kh(), w.kw()};
    }

    /// Shape of the results for images of shape `x`.
    public int[] result(int... x) {
        return new int[] {x[0], w.oc(), spec.outHeight(x[2], w.kh()), spec.outWidth(x[3], w.kw())};
    }
}
