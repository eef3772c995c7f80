package dev.gatun.kernels.check;

import dev.gatun.kernels.View;

/// Operands of softmax and its gradient.
public final class SoftmaxCheck {
    private SoftmaxCheck() {}

    /// `out` may be `in`.
    public static void softmax(View in, View out, int dim) {
        Operands.floating("softmax", in, out);
        Operands.sameDims("softmax", "the input", in, "the output", out);
        Operands.dim("softmax", in, dim);
        Operands.writable("softmax", out);
        Operands.apartOrSame("softmax", "the input", in, out);
    }

    /// `gx` may be `y` or `gy`.
    public static void gradient(View y, View gy, View gx, int dim) {
        Operands.floating("softmaxGradient", y, gy, gx);
        Operands.sameDims("softmaxGradient", "y", y, "gy", gy);
        Operands.sameDims("softmaxGradient", "y", y, "gx", gx);
        Operands.dim("softmaxGradient", y, dim);
        Operands.writable("softmaxGradient", gx);
        Operands.apartOrSame("softmaxGradient", "y", y, gx);
        Operands.apartOrSame("softmaxGradient", "gy", gy, gx);
    }
}
