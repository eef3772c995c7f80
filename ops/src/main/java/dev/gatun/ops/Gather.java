package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y[.., i, ..] = x[.., index[.., i, ..], ..]` along one dim; the index (I64 or I32) has the shape of y, and no other
/// dim larger than x. An index out of range throws [IndexOutOfBoundsException].
///
/// @param dim the dim, counted from the front
public record Gather(int dim) implements Op {
    @Override
    public String name() {
        return "gather";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Arity.index(name(), inputs.get(1));
        Arity.within(name(), inputs.get(0).shape(), inputs.get(1).shape(), dim);
        return List.of(inputs.get(0).with(inputs.get(1).shape()));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.index().gather(in.get(0), in.get(1), out.getFirst(), dim);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Signature x = context.inputSignature(0);
        Tensor zeros = Tensor.zeros(x.dtype(), x.shape());
        return Arrays.asList(
                Tensor.applyOne(new ScatterAdd(dim), zeros, context.input(1), context.gradient()), null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
