package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = x`, then `y[.., index[.., i, ..], ..] += source[.., i, ..]` along one dim, in index order.
///
/// @param dim the dim, counted from the front
public record ScatterAdd(int dim) implements Op {
    @Override
    public String name() {
        return "scatterAdd";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        return List.of(Scatter.infer(name(), dim, inputs));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View y = out.getFirst();
        return new Sequence(List.of(
                kernels.copy().copy(in.get(0), y), kernels.index().scatterAdd(in.get(2), in.get(1), y, dim)));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Arrays.asList(context.gradient(), null,
                context.needs(2) ? context.gradient().gather(dim, context.input(1)) : null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
