package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Operands of the normalisations and their gradients.
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

    /// Layer norm, or RMS norm when `mean` is null; `y` may be `x`.
    public static void rows(
            String op, View x, @Nullable View weight, @Nullable View bias, View y, @Nullable View mean, View scale) {
        List<View> in = Operands.given(x, weight, bias);
        List<View> out = Operands.given(y, mean, scale);
        matrix(op, x, in, out);
        Operands.sameDims(op, "x", x, "y", y);
        line(op, "y", y);
        Operands.apartOrSame(op, "x", x, y);
        vector(op, "weight", weight, x.dim(1));
        vector(op, "bias", bias, x.dim(1));
        vector(op, "mean", mean, x.dim(0));
        vector(op, "scale", scale, x.dim(0));
        for (View v : out) {
            for (View from : in) {
                if (from != x || v != y) {
                    Operands.apart(op, "another operand", from, v);
                }
            }
        }
    }

    /// Gradient of layer norm, or of RMS norm when `mean` is null; `gx` may be `gy` or `x`.
    public static void rowsGradient(
            String op, View x, @Nullable View weight, @Nullable View mean, View scale, View gy, View gx,
            @Nullable View gweight, @Nullable View gbias) {
        List<View> in = Operands.given(x, weight, mean, scale, gy);
        List<View> out = Operands.given(gx, gweight, gbias);
        matrix(op, x, in, out);
        Operands.sameDims(op, "x", x, "gy", gy);
        Operands.sameDims(op, "x", x, "gx", gx);
        line(op, "gy", gy);
        line(op, "gx", gx);
        Operands.apartOrSame(op, "gy", gy, gx);
        Operands.apartOrSame(op, "x", x, gx);
        vector(op, "weight", weight, x.dim(1));
        vector(op, "mean", mean, x.dim(0));
        vector(op, "scale", scale, x.dim(0));
        vector(op, "gweight", gweight, x.dim(1));
        vector(op, "gbias", gbias, x.dim(1));
        for (View v : out) {
            for (View from : in) {
                if ((from != x && from != gy) || v != gx) {
                    Operands.apart(op, "another operand", from, v);
                }
            }
        }
    }

    private static void matrix(String op, View x, List<View> in, List<View> out) {
        in.forEach(v -> Operands.floating(op, x, v));
        out.forEach(v -> Operands.floating(op, x, v));
        Operands.rank(op, "x", x, 2);
        line(op, "x", x);
        for (int i = 0; i < out.size(); i++) {
            Operands.writable(op, out.get(i));
            for (int j = 0; j < i; j++) {
                Operands.apart(op, "another output", out.get(j), out.get(i));
            }
        }
    }

    private static void vector(String op, String name, @Nullable View v, int size) {
        if (v != null) {
            Operands.dims(op, name, v, size);
            if (size > 1 && v.stride(0) != 1) {
                throw new IllegalArgumentException(
                        op + ": " + name + " must be contiguous: " + v + "; copy it first");
            }
        }
    }

    private static void batch(String op, View x) {
        Operands.rank(op, "x", x, 3);
        if (x.dim(1) > 0 && (long) x.dim(0) * x.dim(2) < 2) {
            throw new IllegalArgumentException(op + ": training needs more than one value per channel: " + shape(x)
                    + " has " + x.dim(0) * x.dim(2));
        }
    }

    private static void line(String op, String name, View v) {
        if (v.count() > 0 && v.dim(v.rank() - 1) > 1 && v.stride(v.rank() - 1) != 1) {
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
