package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sliding windows along one dim as a view: that dim becomes the number of windows, and a last dim of `size` is added.
///
/// @param axis the dim, counted from the front
/// @param size elements per window
/// @param step distance between windows
public record Unfold(int axis, int size, int step) implements ViewOp {
    @Override
    public String name() {
        return "unfold";
    }

    @Override
    public Signature infer(Signature in) {
        int length = in.shape().dim(axis);
        if (size < 1 || step < 1 || size > length) {
            throw new IllegalArgumentException("unfold: size and step must be at least 1 and the window must fit: size "
                    + size + ", step " + step + " along dim " + axis + " of shape " + in.shape());
        }
        int[] dims = Arrays.copyOf(in.shape().dims(), in.shape().rank() + 1);
        dims[axis] = (length - size) / step + 1;
        dims[dims.length - 1] = size;
        return in.with(new Shape(dims));
    }

    @Override
    public View apply(View in) {
        int[] strides = Arrays.copyOf(in.strides(), in.rank() + 1);
        strides[in.rank()] = in.stride(axis);
        strides[axis] *= step;
        return in.restride(0, infer(new Signature(in.dtype(), Shape.of(in))).shape().dims(), strides);
    }

    /// Adds, tap by tap, what each window gives back.
    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        Shape shape = context.inputSignature(0).shape();
        Tensor sum = null;
        for (int tap = 0; tap < size; tap++) {
            Tensor part = Tensor.applyOne(Place.along(shape, axis, tap, step), gradient.select(-1, tap));
            sum = sum == null ? part : sum.add(part);
        }
        return Collections.singletonList(sum);
    }
}
