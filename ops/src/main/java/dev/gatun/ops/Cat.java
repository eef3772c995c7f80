package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operands one behind the other along one dim; all other sizes and the element types are equal.
///
/// @param dim the dim, counted from the front
public record Cat(int dim) implements Op {
    @Override
    public String name() {
        return "cat";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature first = inputs.getFirst();
        Arity.sameType(name(), inputs);
        int axis = first.shape().axis(name(), dim);
        int size = 0;
        for (Signature s : inputs) {
            if (s.shape().rank() != first.shape().rank()
                    || !s.shape().with(axis, 0).equals(first.shape().with(axis, 0))) {
                throw new IllegalArgumentException(name() + ": sizes must be equal but along dim " + axis + ": "
                        + first.shape() + " and " + s.shape());
            }
            size = Math.addExact(size, s.shape().dim(axis));
        }
        return List.of(first.with(first.shape().with(axis, size)));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View y = out.getFirst();
        List<Call> calls = new ArrayList<>();
        int start = 0;
        for (View x : in) {
            int length = x.dim(dim);
            calls.add(kernels.copy().copy(x, new Slice(dim, start, length, 1).apply(y)));
            start += length;
        }
        return new Sequence(calls);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        List<@Nullable Tensor> results = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < context.inputs(); i++) {
            int length = context.inputSignature(i).shape().dim(dim);
            results.add(context.needs(i) ? context.gradient().narrow(dim, start, length) : null);
            start += length;
        }
        return results;
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
