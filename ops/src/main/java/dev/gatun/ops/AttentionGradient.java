package dev.gatun.ops;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradients of q, k and v of [ScaledDotProductAttention]: its operands, its two results and the gradient of the
/// first.
///
/// @param spec scale, causality, dropout
/// @param masked whether there is a mask
/// @param padded whether there is a padding
public record AttentionGradient(AttentionSpec spec, boolean masked, boolean padded) implements Op {
    @Override
    public String name() {
        return "attentionGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        ScaledDotProductAttention.check(name(), masked, padded, inputs, 3);
        Signature out = inputs.get(inputs.size() - 3);
        if (!inputs.getLast().equals(out)) {
            throw new IllegalArgumentException(
                    name() + ": result and gradient differ: " + out + " and " + inputs.getLast());
        }
        return List.of(inputs.get(0), inputs.get(1), inputs.get(2));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        int size = in.size();
        return kernels.attention().gradient(spec, in.get(0), in.get(1), in.get(2),
                ScaledDotProductAttention.mask(masked, in), ScaledDotProductAttention.padding(masked, padded, in),
                ScaledDotProductAttention.byHeads(in.get(size - 3)), in.get(size - 2),
                ScaledDotProductAttention.byHeads(in.get(size - 1)), out.get(0), out.get(1), out.get(2));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        throw new UnsupportedOperationException(
                name() + ": has no gradient of its own; compose attention of matmul and softmax to differentiate twice");
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
