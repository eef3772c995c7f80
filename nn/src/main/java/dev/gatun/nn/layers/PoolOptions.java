package dev.gatun.nn.layers;

import dev.gatun.kernels.PoolSpec;

/// Settings of a pooling, the same along all its dims; what is not set is as in PyTorch: stride equal to the kernel, no
/// padding, no dilation, the output size rounded down, padding counted by averages. A value.
public record PoolOptions(int kernel, int stride, int padding, int dilation, boolean ceil, boolean countPadding) {
    /// Windows of `size` side by side.
    public static PoolOptions kernel(int size) {
        return new PoolOptions(size, size, 0, 1, false, true);
    }

    /// Windows every `newStride`.
    public PoolOptions withStride(int newStride) {
        return new PoolOptions(kernel, newStride, padding, dilation, ceil, countPadding);
    }

    /// `amount` padded on every side, at most half the kernel; it never wins a maximum.
    public PoolOptions withPadding(int amount) {
        return new PoolOptions(kernel, stride, amount, dilation, ceil, countPadding);
    }

    /// Taps `newDilation` apart.
    public PoolOptions withDilation(int newDilation) {
        return new PoolOptions(kernel, stride, padding, newDilation, ceil, countPadding);
    }

    /// Output size rounded up: a last window may stick out.
    public PoolOptions withCeil() {
        return new PoolOptions(kernel, stride, padding, dilation, true, countPadding);
    }

    /// Averages divide by the number of taps inside the input.
    public PoolOptions withoutCountingPadding() {
        return new PoolOptions(kernel, stride, padding, dilation, ceil, false);
    }

    PoolSpec.Windows windows(int length) {
        return PoolSpec.Windows.fixed(length, kernel, stride, padding, dilation, ceil);
    }

    @Override
    public String toString() {
        return "kernel=" + kernel + ", stride=" + stride + ", padding=" + padding;
    }
}
