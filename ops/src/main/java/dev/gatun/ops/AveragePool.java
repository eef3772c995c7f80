package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Mean of each window of `[n, c, h, w]`.
///
/// @param spec the windows, and whether padding counts
public record AveragePool(PoolSpec spec) implements Op {
    @Override
    public String name() {
        return "averagePool";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        return List.of(infer(name(), spec, inputs));
    }

    static Signature infer(String op, PoolSpec spec, List<Signature> inputs) {
        Signature x = Arity.one(op, inputs);
        Arity.floating(op, inputs);
        if (x.shape().rank() != 4) {
            throw new IllegalArgumentException(op + ": needs input [n, c, h, w]: " + x.shape());
        }
        return x.with(Shape.of(x.shape().dim(0), x.shape().dim(1), spec.height().count(), spec.width().count()));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.pool().average(spec, in.getFirst(), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape x = context.inputSignature(0).shape();
        Op op = new AveragePoolGradient(spec, x.dim(2), x.dim(3));
        return Backward.only(Tensor.applyOne(op, Dense.plane(context.gradient())));
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
