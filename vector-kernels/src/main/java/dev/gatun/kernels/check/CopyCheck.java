package dev.gatun.kernels.check;

import dev.gatun.kernels.View;

/// Operands of copies.
public final class CopyCheck {
    private CopyCheck() {}

    /// `out = in`.
    public static void copy(View in, View out) {
        Operands.sameType("copy", in, out);
        Operands.sameDims("copy", "the input", in, "the output", out);
        Operands.writable("copy", out);
        Operands.apart("copy", "the input", in, out);
    }

    /// `out = value`.
    public static void fill(View out) {
        Operands.writable("fill", out);
    }
}
