package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The same numbers in memory of their own, row-major.
public record Copy() implements Op {
    @Override
    public String name() {
        return "copy";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        return List.of(Arity.one(name(), inputs));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.copy().copy(in.getFirst(), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(context.gradient());
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
