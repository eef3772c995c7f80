package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Operands of attention and its gradient.
public final class AttentionCheck {
    private AttentionCheck() {}

    /// Forward.
    public static void forward(
            View q, View k, View v, @Nullable View mask, @Nullable View padding, View out, View lse) {
        String op = "attention";
        inputs(op, q, k, v, mask, padding);
        Operands.sameType(op, q, out, lse);
        result(op, q, v, out, lse);
        line(op, "out", out);
        List<View> in = Operands.given(q, k, v, mask, padding);
        writable(op, in, List.of(out, lse));
    }

    /// Gradient.
    public static void gradient(
            View q, View k, View v, @Nullable View mask, @Nullable View padding, View out, View lse, View gout,
            View gq, View gk, View gv) {
        String op = "attentionGradient";
        inputs(op, q, k, v, mask, padding);
        Operands.sameType(op, q, out, lse, gout, gq, gk, gv);
        result(op, q, v, out, lse);
        Operands.sameDims(op, "out", out, "gout", gout);
        Operands.sameDims(op, "q", q, "gq", gq);
        Operands.sameDims(op, "k", k, "gk", gk);
        Operands.sameDims(op, "v", v, "gv", gv);
        line(op, "out", out);
        line(op, "gout", gout);
        line(op, "gq", gq);
        line(op, "gk", gk);
        line(op, "gv", gv);
        List<View> in = Operands.given(q, k, v, mask, padding);
        in.addAll(List.of(out, lse, gout));
        writable(op, in, List.of(gq, gk, gv));
    }

    private static void inputs(
            String op, View q, View k, View v, @Nullable View mask, @Nullable View padding) {
        Operands.floating(op, q, k, v);
        Operands.rank(op, "q", q, 4);
        Operands.rank(op, "k", k, 4);
        Operands.rank(op, "v", v, 4);
        boolean fits = k.dim(0) == q.dim(0) && v.dim(0) == q.dim(0) && k.dim(3) == q.dim(3) && v.dim(1) == k.dim(1)
                && v.dim(2) == k.dim(2);
        if (!fits) {
            throw new IllegalArgumentException(
                    op + ": q [n, heads, tq, d], k [n, kvHeads, tk, d] and v [n, kvHeads, tk,"
                            + " dv] do not fit: " + shape(q) + ", " + shape(k) + ", " + shape(v));
        }
        if (k.dim(1) == 0 ? q.dim(1) > 0 : q.dim(1) % k.dim(1) != 0) {
            throw new IllegalArgumentException(op + ": the heads of q must be a multiple of those of k and v: "
                    + q.dim(1) + " and " + k.dim(1));
        }
        line(op, "q", q);
        line(op, "k", k);
        line(op, "v", v);
        if (mask != null) {
            Operands.sameType(op, q, mask);
            Operands.dims(op, "mask", mask, q.dim(0), q.dim(1), q.dim(2), k.dim(2));
        }
        if (padding != null) {
            Operands.type(op, "padding", padding, DType.BOOL);
            Operands.dims(op, "padding", padding, q.dim(0), k.dim(2));
        }
    }

    private static void result(String op, View q, View v, View out, View lse) {
        Operands.dims(op, "out", out, q.dim(0), q.dim(1), q.dim(2), v.dim(3));
        Operands.dims(op, "lse", lse, q.dim(0), q.dim(1), q.dim(2));
    }

    private static void writable(String op, List<View> in, List<View> out) {
        for (int i = 0; i < out.size(); i++) {
            Operands.writable(op, out.get(i));
            for (View from : in) {
                Operands.apart(op, "another operand", from, out.get(i));
            }
            for (int j = 0; j < i; j++) {
                Operands.apart(op, "another output", out.get(j), out.get(i));
            }
        }
    }

    private static void line(String op, String name, View v) {
        if (v.count() > 0 && v.dim(3) > 1 && v.stride(3) != 1) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must be contiguous in its last dim: " + v + "; copy it first");
        }
    }
}
