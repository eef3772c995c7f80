package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = e^(x − max) / Σ e^(x − max)` along one dim, or its logarithm. A row of −Inf only gives NaN.
///
/// @param dim the dim, counted from the front
/// @param log whether the logarithm is taken
public record Softmax(int dim, boolean log) implements Op {
    @Override
    public String name() {
        return log ? "logSoftmax" : "softmax";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = Arity.one(name(), inputs);
        Arity.floating(name(), inputs);
        x.shape().axis(name(), dim);
        return List.of(x);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.softmax().softmax(in.getFirst(), out.getFirst(), dim, log);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(Tensor.applyOne(new SoftmaxGradient(dim, log), context.output(0), context.gradient()));
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }

    @Override
    public boolean savesOutput(int index) {
        return true;
    }
}
