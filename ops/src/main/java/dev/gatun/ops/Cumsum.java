package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Running sum along one dim.
///
/// @param dim the dim, counted from the front
public record Cumsum(int dim) implements Op {
    @Override
    public String name() {
        return "cumsum";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = Arity.one(name(), inputs);
        x.shape().axis(name(), dim);
        return List.of(x);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.reduce().cumsum(in.getFirst(), out.getFirst(), dim);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(context.gradient().flip(dim).cumsum(dim).flip(dim));
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
