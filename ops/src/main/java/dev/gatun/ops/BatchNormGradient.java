package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradients of [BatchNorm] with respect to x, gamma and beta, from x, gamma, mean, variance and the gradient of y.
/// Not differentiable itself.
///
/// @param eps as in the forward
public record BatchNormGradient(double eps) implements Op {
    @Override
    public String name() {
        return "batchNormGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 5);
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        if (!inputs.get(0).equals(inputs.get(4))) {
            throw new IllegalArgumentException(
                    name() + ": input and gradient differ: " + inputs.get(0) + " and " + inputs.get(4));
        }
        return List.of(inputs.get(0), inputs.get(1), inputs.get(1));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.norm().batchNormGradient(BatchNorm.lines(in.get(0)), in.get(1), in.get(2), in.get(3), eps,
                BatchNorm.lines(in.get(4)), BatchNorm.lines(out.get(0)), out.get(1), out.get(2));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        throw new UnsupportedOperationException(
                name() + ": has no gradient of its own; normalise with mean and var to differentiate twice");
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
