package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Largest value of each window of `[n, c, h, w]`, NaN when any is; second output: its position `ih·w + iw` (I64), the
/// first of equals, which gets the whole gradient.
///
/// @param spec the windows
public record MaxPool(PoolSpec spec) implements Op {
    @Override
    public String name() {
        return "maxPool";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature y = AveragePool.infer(name(), spec, inputs);
        return List.of(y, new Signature(DType.I64, y.shape()));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.pool().max(spec, in.getFirst(), out.getFirst(), out.size() > 1 ? out.get(1) : null);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape x = context.inputSignature(0).shape();
        Op op = new MaxPoolGradient(spec, x.dim(2), x.dim(3));
        return Backward.only(Tensor.applyOne(op, context.output(1), Dense.plane(context.gradient())));
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }

    @Override
    public boolean savesOutput(int index) {
        return index == 1;
    }
}
