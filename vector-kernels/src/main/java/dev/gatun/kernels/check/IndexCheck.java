package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.reference.Walk;
import java.util.Arrays;

/// Operands of indexed reads and writes, and their indices.
public final class IndexCheck {
    private IndexCheck() {}

    /// `out` and `index` alike, no larger than `in` but along `dim`.
    public static void gather(View in, View index, View out, int dim) {
        elements("gather", in, index, out, dim);
        Operands.writable("gather", out);
        Operands.apart("gather", "the input", in, out);
        Operands.apart("gather", "the index", index, out);
    }

    /// `in` and `index` alike, no larger than `out` but along `dim`.
    public static void scatterAdd(View in, View index, View out, int dim) {
        elements("scatterAdd", out, index, in, dim);
        Operands.writable("scatterAdd", out);
        Operands.apart("scatterAdd", "the input", in, out);
        Operands.apart("scatterAdd", "the index", index, out);
    }

    /// Whole slices read.
    public static void indexSelect(View in, View index, View out, int dim) {
        slices("indexSelect", in, index, out, dim);
        Operands.writable("indexSelect", out);
        Operands.apart("indexSelect", "the input", in, out);
        Operands.apart("indexSelect", "the index", index, out);
    }

    /// Whole slices added.
    public static void indexAdd(View in, View index, View out, int dim) {
        slices("indexAdd", out, index, in, dim);
        Operands.writable("indexAdd", out);
        Operands.apart("indexAdd", "the input", in, out);
        Operands.apart("indexAdd", "the index", index, out);
    }

    /// `values` and `order` alike, no longer than `in` along `dim`, else the same.
    public static void sort(View in, View values, View order, int dim) {
        Operands.dim("sort", in, dim);
        Operands.sameType("sort", in, values);
        Operands.type("sort", "the order", order, DType.I64);
        Operands.sameDims("sort", "the values", values, "the order", order);
        int[] expected = in.dims();
        if (values.rank() == in.rank() && values.dim(dim) <= in.dim(dim)) {
            expected[dim] = values.dim(dim);
        }
        Operands.dims("sort", "the values", values, expected);
        Operands.writable("sort", values);
        Operands.writable("sort", order);
        Operands.apartOrSame("sort", "the input", in, values);
        Operands.apart("sort", "the input", in, order);
        Operands.apart("sort", "the values", values, order);
    }

    /// Throws on the first index outside `[0, bound)`, with its position.
    public static void range(String op, View index, int bound) {
        for (Walk w = Walk.over(index.dims(), index.strides()); w.next();) {
            long i = index.getLong(w.at(0));
            if (i < 0 || i >= bound) {
                throw new IndexOutOfBoundsException(op + ": index out of range: " + i + " at position "
                        + Arrays.toString(w.coordinates()) + ", must be in 0 … " + (bound - 1));
            }
        }
    }

    private static void elements(String op, View table, View index, View picked, int dim) {
        Operands.sameType(op, table, picked);
        Operands.index(op, index);
        Operands.sameDims(op, "the index", index, op.equals("gather") ? "the output" : "the input", picked);
        Operands.rank(op, "the index", index, table.rank());
        Operands.dim(op, table, dim);
        for (int d = 0; d < table.rank(); d++) {
            if (d != dim && index.dim(d) > table.dim(d)) {
                throw new IllegalArgumentException(op + ": the index must not be larger than the indexed operand but"
                        + " along dim " + dim + ": " + shape(index) + " and " + shape(table));
            }
        }
    }

    private static void slices(String op, View table, View index, View picked, int dim) {
        Operands.sameType(op, table, picked);
        Operands.index(op, index);
        Operands.rank(op, "the index", index, 1);
        Operands.dim(op, table, dim);
        int[] expected = table.dims();
        expected[dim] = index.dim(0);
        Operands.dims(op, op.equals("indexSelect") ? "the output" : "the input", picked, expected);
    }
}
