package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Row `index` of a table, for every index: weight `[rows, d]`, indices of any shape (I64 or I32) give `[…, d]`. The
/// gradient adds up per row; that of row `padding` is zero. An index out of range throws [IndexOutOfBoundsException]
/// before anything is written.
///
/// @param padding row without gradient, −1 for none
public record Embedding(int padding) implements Op {
    @Override
    public String name() {
        return "embedding";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Signature weight = inputs.get(0);
        Arity.index(name(), inputs.get(1));
        if (weight.shape().rank() != 2 || padding >= weight.shape().dim(0)) {
            throw new IllegalArgumentException(
                    name() + ": needs a weight [rows, d] with more rows than the padding index: "
                            + weight.shape() + " and " + padding);
        }
        int[] index = inputs.get(1).shape().dims();
        int[] dims = Arrays.copyOf(index, index.length + 1);
        dims[index.length] = weight.shape().dim(1);
        return List.of(weight.with(new Shape(dims)));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View index = new Reshape(Shape.of(in.get(1).count())).apply(in.get(1));
        View rows = new Reshape(Shape.of(index.count(), in.get(0).dim(1))).apply(out.getFirst());
        Call select = kernels.index().indexSelect(in.get(0), index, rows, 0);
        int bound = in.get(0).dim(0);
        int[] dims = in.get(1).dims();
        return new Call() {
            @Override
            public long scratchBytes() {
                return select.scratchBytes();
            }

            @Override
            public void run(MemorySegment scratch) {
                check(index, bound, dims);
                select.run(scratch);
            }
        };
    }

    private static void check(View index, int bound, int[] dims) {
        for (int i = 0; i < index.count(); i++) {
            long row = index.getLong((long) i * index.stride(0));
            if (row < 0 || row >= bound) {
                int[] position = new int[dims.length];
                int rest = i;
                for (int d = dims.length - 1; d >= 0; d--) {
                    position[d] = rest % dims[d];
                    rest /= dims[d];
                }
                throw new IndexOutOfBoundsException("embedding: index out of range: " + row + " at position "
                        + Arrays.toString(position) + ", must be in 0 … " + (bound - 1));
            }
        }
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Signature weight = context.inputSignature(0);
        Tensor index = context.input(1);
        Tensor gradient = context.gradient();
        if (padding >= 0) {
            gradient = Tensor.where(index.ne(padding).unsqueeze(-1), gradient,
                    Tensor.zeros(weight.dtype(), Shape.SCALAR));
        }
        Tensor flat = index.contiguous().reshape(index.count());
        Tensor rows = gradient.contiguous().reshape(index.count(), weight.shape().dim(1));
        return Arrays.asList(
                Tensor.applyOne(new IndexAdd(0), Tensor.zeros(weight.dtype(), weight.shape()), flat, rows), null);
    }

    @Override
    public boolean savesInput(int index) {
        return index == 1;
    }
}
