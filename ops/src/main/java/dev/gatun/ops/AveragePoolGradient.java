package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of [AveragePool]: each value spread evenly over its window of `[n, c, height, width]`.
///
/// @param spec the windows
/// @param height height of the pooled input
/// @param width width of the pooled input
public record AveragePoolGradient(PoolSpec spec, int height, int width) implements Op {
    @Override
    public String name() {
        return "averagePoolGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature gy = Arity.one(name(), inputs);
        Arity.floating(name(), inputs);
        if (gy.shape().rank() != 4) {
            throw new IllegalArgumentException(name() + ": needs a gradient [n, c, oh, ow]: " + gy.shape());
        }
        return List.of(gy.with(Shape.of(gy.shape().dim(0), gy.shape().dim(1), height, width)));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.pool().averageGradient(spec, in.getFirst(), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(Tensor.applyOne(new AveragePool(spec), Dense.plane(context.gradient())));
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
