package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the largest (or smallest) value along one dim is (I64), the first of equals; NaN counts as the extreme.
///
/// @param largest the largest, else the smallest
/// @param dim the dim, counted from the front
/// @param keepDim whether the dim stays with size 1
public record ArgReduce(boolean largest, int dim, boolean keepDim) implements Op {
    @Override
    public String name() {
        return largest ? "argmax" : "argmin";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = Arity.one(name(), inputs);
        if (x.shape().dim(dim) == 0) {
            throw new IllegalArgumentException(
                    name() + ": nothing has no extreme: shape " + x.shape() + " along dim " + dim);
        }
        return List.of(new Signature(DType.I64, x.shape().reduced(new int[] {dim}, keepDim)));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View x = in.getFirst();
        return kernels.reduce().arg(largest, x, Reduce.kept(out.getFirst(), x.dims(), List.of(dim), keepDim), dim);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Collections.singletonList(null);
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
