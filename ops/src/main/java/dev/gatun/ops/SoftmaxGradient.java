package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of [Softmax] from its result y and the gradient g of it: `y·(g − Σ g·y)`, or `g − e^y·Σ g`.
///
/// @param dim the dim, counted from the front
/// @param log whether the logarithm was taken
public record SoftmaxGradient(int dim, boolean log) implements Op {
    @Override
    public String name() {
        return log ? "logSoftmaxGradient" : "softmaxGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        if (!inputs.get(0).equals(inputs.get(1))) {
            throw new IllegalArgumentException(
                    name() + ": result and gradient differ: " + inputs.get(0) + " and " + inputs.get(1));
        }
        Arity.floating(name(), inputs);
        return List.of(inputs.getFirst());
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.softmax().gradient(in.get(0), in.get(1), out.getFirst(), dim, log);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Tensor y = context.input(0);
        Tensor g = context.input(1);
        Tensor u = context.gradient();
        int[] along = {dim};
        if (log) {
            Tensor p = y.exp();
            Tensor weighted = u.mul(p).sum(along, true);
            return Arrays.asList(u.mul(p).mul(g.sum(along, true)).neg(), u.sub(weighted));
        }
        Tensor uy = u.mul(y).sum(along, true);
        Tensor gy = g.mul(y).sum(along, true);
        return Arrays.asList(u.mul(g).sub(u.mul(gy)).sub(g.mul(uy)), y.mul(u.sub(uy)));
    }
}
