package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = x`, then `y[.., index[i], ..] += source[.., i, ..]` along one dim: whole slices, in index order.
///
/// @param dim the dim, counted from the front
public record IndexAdd(int dim) implements Op {
    @Override
    public String name() {
        return "indexAdd";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 3);
        Signature x = inputs.get(0);
        Arity.sameType(name(), List.of(x, inputs.get(2)));
        Arity.vectorIndex(name(), inputs.get(1));
        Shape expected = x.shape().with(x.shape().axis(name(), dim), inputs.get(1).shape().count());
        if (!inputs.get(2).shape().equals(expected)) {
            throw new IllegalArgumentException(
                    name() + ": the source must have shape " + expected + ": " + inputs.get(2).shape());
        }
        return List.of(x);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View y = out.getFirst();
        return new Sequence(List.of(
                kernels.copy().copy(in.get(0), y), kernels.index().indexAdd(in.get(2), in.get(1), y, dim)));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Arrays.asList(context.gradient(), null,
                context.needs(2) ? context.gradient().indexSelect(dim, context.input(1)) : null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
