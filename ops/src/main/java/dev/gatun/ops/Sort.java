package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The first `length` values along one dim in order, and where they were (I64). Stable; NaN counts as the largest.
///
/// @param dim the dim, counted from the front
/// @param descending largest first
/// @param length how many; the size of the dim sorts all
public record Sort(int dim, boolean descending, int length) implements Op {
    @Override
    public String name() {
        return "sort";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = Arity.one(name(), inputs);
        int axis = x.shape().axis(name(), dim);
        if (length < 0 || length > x.shape().dim(axis)) {
            throw new IllegalArgumentException(
                    name() + ": " + length + " values along dim " + axis + " are not in shape " + x.shape());
        }
        Shape shape = x.shape().with(axis, length);
        return List.of(x.with(shape), new Signature(DType.I64, shape));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.index().sort(in.getFirst(), out.get(0), out.get(1), dim, descending);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Signature x = context.inputSignature(0);
        Tensor zeros = Tensor.zeros(x.dtype(), x.shape());
        return Backward.only(
                Tensor.applyOne(new ScatterAdd(dim), zeros, context.output(1), context.gradient()));
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
