package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The input inside a larger tensor: element `(i, j, …)` goes to `(starts[0] + i·steps[0], …)`, the rest is `fill`.
/// Constant padding, and the gradient of [Slice].
///
/// @param shape shape of the result
/// @param starts first position along each dim
/// @param steps distance between positions along each dim
/// @param fill what the rest is
public record Place(Shape shape, List<Integer> starts, List<Integer> steps, double fill) implements Op {
    /// Copies the lists.
    public Place {
        starts = List.copyOf(starts);
        steps = List.copyOf(steps);
    }

    /// The place of a slice along one dim of `shape`, in zeros.
    static Place along(Shape shape, int axis, int start, int step) {
        List<Integer> starts = new ArrayList<>();
        List<Integer> steps = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            starts.add(i == axis ? start : 0);
            steps.add(i == axis ? step : 1);
        }
        return new Place(shape, starts, steps, 0);
    }

    @Override
    public String name() {
        return "place";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature in = Arity.one(name(), inputs);
        boolean fits =
                in.shape().rank() == shape.rank() && starts.size() == shape.rank() && steps.size() == shape.rank();
        for (int i = 0; fits && i < shape.rank(); i++) {
            int size = in.shape().dim(i);
            fits = steps.get(i) >= 1 && starts.get(i) >= 0
                    && (size == 0 || starts.get(i) + (size - 1L) * steps.get(i) < shape.dim(i));
        }
        if (!fits) {
            throw new IllegalArgumentException(name() + ": the input does not fit: " + in.shape() + " into " + shape
                    + " at " + starts + " with steps " + steps);
        }
        return List.of(in.with(shape));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View source = in.getFirst();
        View target = out.getFirst();
        if (source.count() == 0) {
            return kernels.copy().fill(target, fill);
        }
        int first = 0;
        int[] strides = target.strides();
        for (int i = 0; i < strides.length; i++) {
            first += starts.get(i) * strides[i];
            strides[i] *= steps.get(i);
        }
        View inside = target.restride(first, source.dims(), strides);
        return new Sequence(List.of(kernels.copy().fill(target, fill), kernels.copy().copy(source, inside)));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape in = context.inputSignature(0).shape();
        Tensor gradient = context.gradient();
        for (int i = 0; i < shape.rank(); i++) {
            if (in.dim(i) != shape.dim(i) || steps.get(i) != 1) {
                gradient = Tensor.applyOne(new Slice(i, starts.get(i), in.dim(i), steps.get(i)), gradient);
            }
        }
        return Backward.only(gradient);
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
