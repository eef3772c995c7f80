package dev.gatun.ops;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Attention `dropout(softmax(scale·q·kᵀ + mask))·v` of q `[n, heads, tq, d]`, k `[n, kvHeads, tk, d]`, v
/// `[n, kvHeads, tk, dv]`, then a mask that broadcasts to `[n, heads, tq, tk]` if there is one, then a padding BOOL
/// `[n, tk]` if there is one; gives the result as `[n, tq, heads, dv]`, so that the heads of a query lie side by side
/// for the projection that follows, or as `[n, heads, tq, dv]`, and the logarithms of the denominators `[n, heads, tq]`.
///
/// @param spec scale, causality, dropout
/// @param masked whether there is a mask
/// @param padded whether there is a padding
/// @param byHeads whether the result is `[n, heads, tq, dv]`
public record ScaledDotProductAttention(AttentionSpec spec, boolean masked, boolean padded, boolean byHeads)
        implements
            Op {
    @Override
    public String name() {
        return "scaledDotProductAttention";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature q = check(name(), masked, padded, inputs, 0);
        Shape s = q.shape();
        int dv = inputs.get(2).shape().dim(3);
        return List.of(
                q.with(byHeads ? Shape.of(s.dim(0), s.dim(1), s.dim(2), dv)
                        : Shape.of(s.dim(0), s.dim(2), s.dim(1), dv)),
                q.with(Shape.of(s.dim(0), s.dim(1), s.dim(2))));
    }

    /// Checks q, k, v, mask and padding, with `more` operands behind them; gives q.
    static Signature check(String name, boolean masked, boolean padded, List<Signature> inputs, int more) {
        Arity.check(name, inputs, 3 + (masked ? 1 : 0) + (padded ? 1 : 0) + more);
        List<Signature> numbers = new ArrayList<>(inputs.subList(0, masked ? 4 : 3));
        numbers.addAll(inputs.subList(inputs.size() - more, inputs.size()));
        Arity.floating(name, numbers);
        Arity.sameType(name, numbers);
        Shape q = inputs.get(0).shape();
        Shape k = inputs.get(1).shape();
        Shape v = inputs.get(2).shape();
        boolean fits = q.rank() == 4 && k.rank() == 4 && v.rank() == 4 && k.dim(0) == q.dim(0) && v.dim(0) == q.dim(0)
                && k.dim(3) == q.dim(3) && v.dim(1) == k.dim(1) && v.dim(2) == k.dim(2)
                && (k.dim(1) == 0 ? q.dim(1) == 0 : q.dim(1) % k.dim(1) == 0);
        if (!fits) {
            throw new IllegalArgumentException(
                    name + ": needs q [n, heads, tq, d], k [n, kvHeads, tk, d], v [n, kvHeads,"
                            + " tk, dv] with heads a multiple of kvHeads: " + q + ", " + k + ", " + v);
        }
        if (masked) {
            Shape mask = inputs.get(3).shape();
            Shape full = Shape.of(q.dim(0), q.dim(1), q.dim(2), k.dim(2));
            if (!broadcasts(mask, full)) {
                throw new IllegalArgumentException(
                        name + ": the mask must broadcast to [n, heads, tq, tk] " + full + ": " + mask);
            }
        }
        if (padded) {
            Signature padding = inputs.get(masked ? 4 : 3);
            if (padding.dtype() != DType.BOOL || !padding.shape().equals(Shape.of(q.dim(0), k.dim(2)))) {
                throw new IllegalArgumentException(name + ": the padding must be BOOL [n, tk] "
                        + Shape.of(q.dim(0), k.dim(2)) + ": " + padding);
            }
        }
        return inputs.getFirst();
    }

    private static boolean broadcasts(Shape from, Shape to) {
        boolean fits = from.rank() <= to.rank();
        for (int i = 0; fits && i < from.rank(); i++) {
            int size = from.dim(from.rank() - 1 - i);
            fits = size == 1 || size == to.dim(to.rank() - 1 - i);
        }
        return fits;
    }

    static @Nullable View mask(boolean masked, List<View> in) {
        View q = in.get(0);
        return masked ? in.get(3).expand(q.dim(0), q.dim(1), q.dim(2), in.get(1).dim(2)) : null;
    }

    static @Nullable View padding(boolean masked, boolean padded, List<View> in) {
        return padded ? in.get(masked ? 4 : 3) : null;
    }

    /// `[n, tq, heads, dv]` as `[n, heads, tq, dv]`.
    static View byHeads(View result) {
        return result.permute(0, 2, 1, 3);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.attention().forward(spec, in.get(0), in.get(1), in.get(2), mask(masked, in),
                padding(masked, padded, in), byHeads ? out.get(0) : byHeads(out.get(0)), out.get(1));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        if (masked && context.needs(3)) {
            throw new UnsupportedOperationException(
                    name() + ": a mask has no gradient; detach() it, or compose attention"
                            + " of matmul and softmax to train it");
        }
        if (context.hasGradient(1)) {
            throw new UnsupportedOperationException(
                    name() + ": the logarithms of the denominators have no gradient; use logSumExp");
        }
        List<Tensor> operands = new ArrayList<>();
        for (int i = 0; i < context.inputs(); i++) {
            operands.add(context.input(i));
        }
        operands.add(byQueries(context.output(0)));
        operands.add(context.output(1));
        operands.add(byQueries(context.gradient()).contiguous());
        List<@Nullable Tensor> gradients = new ArrayList<>(
                Tensor.apply(new AttentionGradient(spec, masked, padded), operands.toArray(Tensor[]::new)));
        while (gradients.size() < context.inputs()) {
            gradients.add(null);
        }
        return gradients;
    }

    private Tensor byQueries(Tensor result) {
        return byHeads ? result.permute(0, 2, 1, 3) : result;
    }

    @Override
    public boolean savesOutput(int index) {
        return true;
    }
}
