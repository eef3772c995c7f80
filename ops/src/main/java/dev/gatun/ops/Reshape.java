package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The same elements in row-major order under other sizes, as a view; throws where the strides do not allow one.
///
/// @param shape shape of the result, with as many elements
public record Reshape(Shape shape) implements ViewOp {
    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public Signature infer(Signature in) {
        if (in.shape().count() != shape.count()) {
            throw new IllegalArgumentException("reshape: the number of elements differs: " + in.shape() + " to " + shape
                    + " (" + in.shape().count() + " against " + shape.count() + ")");
        }
        return in.with(shape);
    }

    @Override
    public View apply(View in) {
        int[] strides = strides(in.dims(), in.strides(), shape.dims());
        if (strides == null) {
            throw new IllegalArgumentException(
                    "view: the strides do not allow it without a copy: " + in + " to " + shape
                            + "; use reshape or contiguous()");
        }
        return in.restride(0, shape.dims(), strides);
    }

    /// True when [#apply] succeeds.
    static boolean isPossible(View in, Shape shape) {
        return strides(in.dims(), in.strides(), shape.dims()) != null;
    }

    /// Strides of `dims` over the elements of `from` that lie `steps` apart, or null when there are none. Neighbouring
    /// dims of `from` whose steps are multiples of each other form a run; every run must be cut into whole new dims.
    public static int @Nullable [] strides(int[] from, int[] steps, int[] dims) {
        int[] strides = View.contiguousStrides(dims);
        if (View.isContiguous(from, steps)) {
            return strides;
        }
        int next = dims.length - 1;
        int step = steps[from.length - 1];
        long run = 1;
        for (int i = from.length - 1; i >= 0; i--) {
            run *= from[i];
            if (i > 0 && (from[i - 1] == 1 || steps[i - 1] == run * step)) {
                continue;
            }
            long filled = 1;
            while (next >= 0 && (filled < run || dims[next] == 1)) {
                strides[next] = (int) (filled * step);
                filled *= dims[next--];
            }
            if (filled != run) {
                return null;
            }
            if (i > 0) {
                step = steps[i - 1];
                run = 1;
            }
        }
        return next < 0 ? strides : null;
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(context.gradient().reshape(context.inputSignature(0).shape().dims()));
    }
}
