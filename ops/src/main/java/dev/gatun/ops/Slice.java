package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `length` elements along one dim, from `start`, every `step`-th.
///
/// @param axis the dim, counted from the front
/// @param start the first index
/// @param length how many
/// @param step distance between two
public record Slice(int axis, int start, int length, int step) implements ViewOp {
    @Override
    public String name() {
        return "slice";
    }

    @Override
    public Signature infer(Signature in) {
        int size = in.shape().dim(axis);
        if (step < 1) {
            throw new IllegalArgumentException("slice: the step must be at least 1: " + step);
        }
        if (start < 0 || length < 0 || start > size || (length > 0 && start + (length - 1L) * step >= size)) {
            throw new IllegalArgumentException("slice: outside the tensor: " + length + " elements from " + start
                    + " by " + step + " along dim " + axis + " of shape " + in.shape());
        }
        return in.with(in.shape().with(axis, length));
    }

    @Override
    public View apply(View in) {
        int[] dims = in.dims();
        int[] strides = in.strides();
        int first = length == 0 ? 0 : start * strides[axis];
        dims[axis] = length;
        strides[axis] *= step;
        return in.restride(first, dims, strides);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape shape = context.inputSignature(0).shape();
        return Backward.only(Tensor.applyOne(Place.along(shape, axis, start, step), context.gradient()));
    }
}
