package dev.gatun.kernels;

/// How the numbers of images `[n, c, h, w]` lie in memory. The order of the dims is always this one; a layout shows in
/// the strides alone.
public enum ImageLayout {
    /// Row-major: a plane `[h, w]` per channel.
    PLANES,
    /// The channels of a pixel side by side, `[n, h, w, c]` in memory: lanes are channels, so that a convolution is a
    /// product whose rows are read where they lie, and no border of an image falls inside a vector.
    CHANNELS_LAST;

    /// Strides of images without gaps, in elements.
    public int[] strides(int... dims) {
        int c = Math.max(1, dims[1]);
        int h = Math.max(1, dims[2]);
        int w = Math.max(1, dims[3]);
        return switch (this) {
            case PLANES -> View.contiguousStrides(dims);
            case CHANNELS_LAST -> new int[] {c * h * w, 1, w * c, c};
        };
    }

    /// True when the view lies so: its planes, or its pixels, have no gaps inside; images, and planes or pixels, may be
    /// further apart. A view of one channel or one pixel may be both.
    public boolean holds(View v) {
        return switch (this) {
            case PLANES -> v.count() == 0
                    || ((v.dim(3) == 1 || v.stride(3) == 1) && (v.dim(2) == 1 || v.stride(2) == v.dim(3)));
            case CHANNELS_LAST -> v.count() == 0 || ((v.dim(1) == 1 || v.stride(1) == 1)
                    && (v.dim(3) == 1 || v.stride(3) >= v.dim(1))
                    && (v.dim(2) == 1 || v.stride(2) == (long) v.dim(3) * pixel(v)));
        };
    }

    /// Elements from one pixel to the next of a row of a view that lies channels last.
    public static int pixel(View v) {
        return v.dim(3) > 1 ? v.stride(3) : v.dim(2) > 1 ? v.stride(2) : Math.max(1, v.dim(1));
    }
}
