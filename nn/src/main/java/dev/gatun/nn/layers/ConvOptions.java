package dev.gatun.nn.layers;

import dev.gatun.kernels.ConvSpec;

/// Settings of a convolution, the same along all its dims; what is not set is as in PyTorch: stride 1, no padding, no
/// dilation, one group, with bias. A value: the `with…` methods return changed copies.
public record ConvOptions(int kernel, int stride, Padding padding, int dilation, int groups, boolean bias) {
    /// Checks the ranges.
    public ConvOptions {
        if (kernel < 1 || stride < 1 || dilation < 1 || groups < 1) {
            throw new IllegalArgumentException("conv: kernel, stride, dilation and groups must be at least 1: " + kernel
                    + ", " + stride + ", " + dilation + ", " + groups);
        }
    }

    /// A filter of `size` taps along each dim.
    public static ConvOptions kernel(int size) {
        return new ConvOptions(size, 1, Padding.valid(), 1, 1, true);
    }

    /// Steps of `newStride`.
    public ConvOptions withStride(int newStride) {
        return new ConvOptions(kernel, newStride, padding, dilation, groups, bias);
    }

    /// `amount` zeros on every side.
    public ConvOptions withPadding(int amount) {
        return withPadding(Padding.of(amount));
    }

    /// This padding.
    public ConvOptions withPadding(Padding newPadding) {
        return new ConvOptions(kernel, stride, newPadding, dilation, groups, bias);
    }

    /// Taps `newDilation` apart.
    public ConvOptions withDilation(int newDilation) {
        return new ConvOptions(kernel, stride, padding, newDilation, groups, bias);
    }

    /// Channels in `newGroups` groups that do not see each other.
    public ConvOptions withGroups(int newGroups) {
        return new ConvOptions(kernel, stride, padding, dilation, newGroups, bias);
    }

    /// Without bias, as before a batch normalisation.
    public ConvOptions withoutBias() {
        return new ConvOptions(kernel, stride, padding, dilation, groups, false);
    }

    void checkChannels(String op, int in, int out) {
        if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    op + ": channels must be at least 1 and divisible by the groups: in " + in
                            + ", out " + out + ", groups " + groups);
        }
    }

    /// For an image of `h`×`w` and a square filter.
    ConvSpec square(int h, int w) {
        Padding.Ends rows = padding.ends(h, kernel, stride, dilation);
        Padding.Ends columns = padding.ends(w, kernel, stride, dilation);
        return new ConvSpec(stride, stride, rows.before(), columns.before(), rows.after(), columns.after(), dilation,
                dilation, groups);
    }

    /// For a row of `length` as an image of height 1.
    ConvSpec row(int length) {
        Padding.Ends columns = padding.ends(length, kernel, stride, dilation);
        return new ConvSpec(1, stride, 0, columns.before(), 0, columns.after(), 1, dilation, groups);
    }

    @Override
    public String toString() {
        return "kernel=" + kernel + ", stride=" + stride + ", padding=" + padding + ", dilation=" + dilation
                + ", groups="
                + groups + ", bias=" + bias;
    }
}
