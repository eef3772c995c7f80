package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of [MaxPool]: positions (I64) and the gradient of the result give `[n, c, height, width]`.
///
/// @param spec the windows
/// @param height height of the pooled input
/// @param width width of the pooled input
public record MaxPoolGradient(PoolSpec spec, int height, int width) implements Op {
    @Override
    public String name() {
        return "maxPoolGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Shape indices = inputs.get(0).shape();
        Signature gy = inputs.get(1);
        if (!indices.equals(gy.shape()) || gy.shape().rank() != 4) {
            throw new IllegalArgumentException(
                    name() + ": positions and gradient must have one shape [n, c, oh, ow]: " + indices + " and "
                            + gy.shape());
        }
        return List.of(gy.with(Shape.of(gy.shape().dim(0), gy.shape().dim(1), height, width)));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.pool().maxGradient(spec, in.get(0), in.get(1), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Tensor picked = context.gradient().flatten(2).gather(2, context.input(0).flatten(2));
        return Arrays.asList(null, picked.reshape(context.inputSignature(1).shape().dims()));
    }

    @Override
    public boolean savesInput(int index) {
        return index == 0;
    }
}
