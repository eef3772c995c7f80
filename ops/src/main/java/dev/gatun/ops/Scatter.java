package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = x`, then `y[.., index[.., i, ..], ..] = source[.., i, ..]` along one dim; of several writes to one place the last
/// in row-major order stays.
///
/// @param dim the dim, counted from the front
public record Scatter(int dim) implements Op {
    @Override
    public String name() {
        return "scatter";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        return List.of(infer(name(), dim, inputs));
    }

    static Signature infer(String op, int dim, List<Signature> inputs) {
        Arity.check(op, inputs, 3);
        Signature x = inputs.getFirst();
        Arity.sameType(op, List.of(x, inputs.get(2)));
        Arity.index(op, inputs.get(1));
        Arity.within(op, x.shape(), inputs.get(1).shape(), dim);
        if (!inputs.get(1).shape().equals(inputs.get(2).shape())) {
            throw new IllegalArgumentException(op + ": index and source must have one shape: " + inputs.get(1).shape()
                    + " and " + inputs.get(2).shape());
        }
        return x;
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View y = out.getFirst();
        Call copy = kernels.copy().copy(in.get(0), y);
        return new Sequence(List.of(copy, new Write(in.get(1), in.get(2), y, dim)));
    }

    /// The writes, element by element: every index is looked at before the first of them.
    private record Write(View index, View source, View out, int dim) implements Call {
        @Override
        public void run(MemorySegment scratch) {
            int bound = out.dim(dim);
            Create.each(index, (position, at) -> {
                long i = index.getLong(at);
                if (i < 0 || i >= bound) {
                    throw new IndexOutOfBoundsException("scatter: index out of range: " + i + " at element " + position
                            + " of index " + Shape.of(index) + ", must be in 0 … " + (bound - 1));
                }
            });
            int[] indexStrides = index.strides();
            int[] sourceStrides = source.strides();
            int[] outStrides = out.strides();
            int[] dims = index.dims();
            int[] counter = new int[dims.length];
            for (int n = 0; n < index.count(); n++) {
                long from = 0;
                long to = 0;
                long at = 0;
                for (int d = 0; d < dims.length; d++) {
                    at += (long) counter[d] * indexStrides[d];
                    from += (long) counter[d] * sourceStrides[d];
                    to += d == dim ? 0 : (long) counter[d] * outStrides[d];
                }
                to += index.getLong(at) * outStrides[dim];
                if (out.dtype().isFloating()) {
                    out.setDouble(to, source.getDouble(from));
                } else {
                    out.setLong(to, source.getLong(from));
                }
                for (int d = dims.length - 1; d >= 0 && ++counter[d] == dims[d]; d--) {
                    counter[d] = 0;
                }
            }
        }
    }

    /// Right where no place is written twice; else every source of a place gets its gradient, as in PyTorch.
    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Tensor g = context.gradient();
        Tensor index = context.input(1);
        Signature source = context.inputSignature(2);
        Tensor zeros = Tensor.zeros(source.dtype(), source.shape());
        return Arrays.asList(
                context.needs(0) ? Tensor.applyOne(this, g, index, zeros) : null, null,
                context.needs(2) ? g.gather(dim, index) : null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
