package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.View;

/// Operands of batch normalisation and its gradient.
public final class NormCheck {
    private NormCheck() {}

    /// Training form; `y` may be `x`.
    public static void batchNorm(View x, View gamma, View beta, View y, View mean, View variance) {
        String op = "batchNorm";
        Operands.floating(op, x, gamma, beta, y, mean, variance);
        Operands.sameDims(op, "x", x, "y", y);
        batch(op, x);
        line(op, "x", x);
        line(op, "y", y);
        channels(op, x, gamma, beta, mean, variance);
        Operands.writable(op, y);
        Operands.apartOrSame(op, "x", x, y);
        View[] in = {x, gamma, beta, y};
        for (View out : new View[] {mean, variance}) {
            Operands.writable(op, out);
            for (View v : in) {
                Operands.apart(op, "another operand", v, out);
            }
        }
        Operands.apart(op, "mean", mean, variance);
        Operands.apart(op, "gamma", gamma, y);
        Operands.apart(op, "beta", beta, y);
    }

    /// Gradient; `gx` may be `gy`.
    public static void batchNormGradient(
            View x, View gamma, View mean, View variance, View gy, View gx, View ggamma, View gbeta) {
        String op = "batchNormGradient";
        Operands.floating(op, x, gamma, mean, variance, gy, gx, ggamma, gbeta);
        Operands.sameDims(op, "x", x, "gy", gy);
        Operands.sameDims(op, "x", x, "gx", gx);
        batch(op, x);
        line(op, "x", x);
        line(op, "gy", gy);
        line(op, "gx", gx);
        channels(op, x, gamma, mean, variance, ggamma, gbeta);
        Operands.apartOrSame(op, "gy", gy, gx);
        Operands.apartOrSame(op, "x", x, gx);
        View[] in = {x, gamma, mean, variance, gy};
        for (View out : new View[] {gx, ggamma, gbeta}) {
            Operands.writable(op, out);
            for (View v : in) {
                if (out != gx || v.rank() == 1) {
                    Operands.apart(op, "another operand", v, out);
                }
            }
        }
        Operands.apart(op, "ggamma", ggamma, gbeta);
        Operands.apart(op, "ggamma", ggamma, gx);
        Operands.apart(op, "gbeta", gbeta, gx);
    }

    private static void batch(String op, View x) {
        Operands.rank(op, "x", x, 3);
        if (x.dim(1) > 0 && (long) x.dim(0) * x.dim(2) < 2) {
            throw new IllegalArgumentException(op + ": training needs more than one value per channel: " + shape(x)
                    + " has " + x.dim(0) * x.dim(2));
        }
    }

    private static void line(String op, String name, View v) {
        if (v.count() > 0 && v.dim(2) > 1 && v.stride(2) != 1) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must be contiguous in its last dim: " + v + "; copy it first");
        }
    }

    private static void channels(String op, View x, View... vectors) {
        for (View v : vectors) {
            Operands.dims(op, "a statistic or parameter", v, x.dim(1));
        }
    }
}
