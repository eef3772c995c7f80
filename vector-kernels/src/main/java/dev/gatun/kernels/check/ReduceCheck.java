package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Operands of reductions, scans and searches.
public final class ReduceCheck {
    private ReduceCheck() {}

    /// `out = fold of map(in…)` over the dims in which `out` has size 1.
    public static void reduce(Reduction reduction, Expr map, List<View> in, View out) {
        if (in.isEmpty()) {
            throw new IllegalArgumentException("reduce: at least one input is needed: 0");
        }
        Operands.inputs("reduce", map, in.size());
        View first = in.getFirst();
        Operands.rank("reduce", "the output", out, first.rank());
        for (int i = 1; i < in.size(); i++) {
            Operands.sameDims("reduce", "input " + i, in.get(i), "input 0", first);
        }
        for (int d = 0; d < out.rank(); d++) {
            if (out.dim(d) != 1 && out.dim(d) != first.dim(d)) {
                throw new IllegalArgumentException("reduce: each size of the output must be 1 or the input's: "
                        + shape(first) + " → " + shape(out));
            }
        }
        if (Operands.integers(in) && !out.dtype().isFloating()) {
            Operands.type("reduce", "the output of integers", out, DType.I64);
            if (reduction == Reduction.MEAN) {
                throw new IllegalArgumentException(
                        "reduce: the mean of integers is not an integer: " + first.dtype() + shape(first)
                                + "; convert to F32 or F64 first");
            }
            Evaluation.checkIntegers("reduce", map);
        } else {
            Operands.floating("reduce", out, in.toArray(View[]::new));
        }
        if ((reduction == Reduction.MAX || reduction == Reduction.MIN) && first.count() == 0 && out.count() > 0) {
            throw new IllegalArgumentException(
                    "reduce: " + reduction + " of nothing: " + shape(first) + " → " + shape(out));
        }
        Operands.writable("reduce", out);
        for (int i = 0; i < in.size(); i++) {
            Operands.apart("reduce", "input " + i, in.get(i), out);
        }
    }

    /// Index of the extreme along `dim`.
    public static void arg(View in, View out, int dim) {
        Operands.dim("arg", in, dim);
        Operands.type("arg", "the output", out, DType.I64);
        int[] expected = in.dims();
        expected[dim] = 1;
        Operands.dims("arg", "the output", out, expected);
        if (in.dim(dim) == 0) {
            throw new IllegalArgumentException("arg: the extreme of nothing: dim " + dim + " of " + shape(in));
        }
        Operands.writable("arg", out);
        Operands.apart("arg", "the input", in, out);
    }

    /// Running sum along `dim`; `out` may be `in`.
    public static void cumsum(View in, View out, int dim) {
        Operands.dim("cumsum", in, dim);
        Operands.sameDims("cumsum", "the input", in, "the output", out);
        if (in.dtype().isFloating()) {
            Operands.sameType("cumsum", in, out);
        } else {
            Operands.type("cumsum", "the output of integers", out, DType.I64);
        }
        Operands.writable("cumsum", out);
        Operands.apartOrSame("cumsum", "the input", in, out);
    }
}
