package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y[.., i, ..] = x[.., index[i], ..]` along one dim: whole slices, picked by a vector of I64 or I32. An index out of
/// range throws [IndexOutOfBoundsException].
///
/// @param dim the dim, counted from the front
public record IndexSelect(int dim) implements Op {
    @Override
    public String name() {
        return "indexSelect";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Signature x = inputs.get(0);
        Arity.vectorIndex(name(), inputs.get(1));
        return List.of(x.with(x.shape().with(x.shape().axis(name(), dim), inputs.get(1).shape().count())));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.index().indexSelect(in.get(0), in.get(1), out.getFirst(), dim);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Signature x = context.inputSignature(0);
        Tensor zeros = Tensor.zeros(x.dtype(), x.shape());
        return Arrays.asList(Tensor.applyOne(new IndexAdd(dim), zeros, context.input(1), context.gradient()), null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
