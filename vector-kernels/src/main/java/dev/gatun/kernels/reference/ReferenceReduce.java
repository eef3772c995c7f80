package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ReduceKernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.ReduceCheck;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// maths: `out = fold over the reduced dims of map(in…)`; running sums; first index of an extreme.
/// layout: any strides; the dims in which the output has size 1 are walked inside, the others outside.
/// blocking and why: none, elements in row-major order.
/// registers: one double (or long) accumulator.
/// evidence: this is the definition; checked against naive models in the tests.
public final class ReferenceReduce implements ReduceKernels {
    @Override
    public Call reduce(Reduction reduction, Expr map, List<View> in, View out) {
        ReduceCheck.reduce(reduction, map, in, out);
        View[] operands = in.toArray(View[]::new);
        int rank = out.rank();
        int[] reduced = operands[0].dims();
        for (int d = 0; d < rank; d++) {
            reduced[d] = out.dim(d) == 1 ? reduced[d] : 1;
        }
        int[][] inner = in.stream().map(View::strides).toArray(int[][]::new);
        int[][] outer = java.util.Arrays.copyOf(inner, inner.length + 1);
        outer[inner.length] = out.strides();
        Walk outside = Walk.over(out.dims(), outer);
        Walk inside = Walk.over(reduced, inner);
        return out.dtype().isFloating()
                ? floats(reduction, new ScalarMap(map, out.dtype()), operands, out, outside, inside)
                : integers(reduction, map, operands, out, outside, inside);
    }

    private static Call floats(
            Reduction reduction, ScalarMap map, View[] operands, View out, Walk outside, Walk inside) {
        double[] values = new double[operands.length];
        return _ -> {
            for (outside.reset(); outside.next();) {
                double folded = switch (reduction) {
                    case SUM, MEAN -> 0;
                    case PROD -> 1;
                    case MAX -> Double.NEGATIVE_INFINITY;
                    case MIN -> Double.POSITIVE_INFINITY;
                };
                long n = 0;
                for (inside.reset(); inside.next(); n++) {
                    for (int i = 0; i < operands.length; i++) {
                        values[i] = operands[i].getDouble(outside.at(i) + inside.at(i));
                    }
                    double v = map.evaluate(values);
                    folded = switch (reduction) {
                        case SUM, MEAN -> folded + v;
                        case PROD -> folded * v;
                        case MAX -> Math.max(folded, v);
                        case MIN -> Math.min(folded, v);
                    };
                }
                out.setDouble(outside.at(operands.length), reduction == Reduction.MEAN ? folded / n : folded);
            }
        };
    }

    private static Call integers(
            Reduction reduction, Expr map, View[] operands, View out, Walk outside, Walk inside) {
        long[] values = new long[operands.length];
        return _ -> {
            for (outside.reset(); outside.next();) {
                long folded = switch (reduction) {
                    case SUM, MEAN -> 0;
                    case PROD -> 1;
                    case MAX -> Long.MIN_VALUE;
                    case MIN -> Long.MAX_VALUE;
                };
                for (inside.reset(); inside.next();) {
                    for (int i = 0; i < operands.length; i++) {
                        values[i] = operands[i].getLong(outside.at(i) + inside.at(i));
                    }
                    long v = Evaluation.evaluateIntegers(map, values);
                    folded = switch (reduction) {
                        case SUM, MEAN -> folded + v;
                        case PROD -> folded * v;
                        case MAX -> Math.max(folded, v);
                        case MIN -> Math.min(folded, v);
                    };
                }
                out.setLong(outside.at(operands.length), folded);
            }
        };
    }

    @Override
    public Call arg(boolean largest, View in, View out, int dim) {
        ReduceCheck.arg(in, out, dim);
        Walk walk = Walk.over(out.dims(), in.strides(), out.strides());
        int n = in.dim(dim);
        long step = in.stride(dim);
        boolean floating = in.dtype().isFloating();
        return _ -> {
            for (walk.reset(); walk.next();) {
                int best = 0;
                for (int i = 1; i < n; i++) {
                    long a = walk.at(0) + i * step;
                    long b = walk.at(0) + best * step;
                    boolean better = floating
                            ? beats(largest, in.getDouble(a), in.getDouble(b))
                            : largest ? in.getLong(a) > in.getLong(b) : in.getLong(a) < in.getLong(b);
                    best = better ? i : best;
                }
                out.setLong(walk.at(1), best);
            }
        };
    }

    private static boolean beats(boolean largest, double candidate, double best) {
        if (Double.isNaN(best)) {
            return false;
        }
        return Double.isNaN(candidate) || (largest ? candidate > best : candidate < best);
    }

    @Override
    public Call cumsum(View in, View out, int dim) {
        ReduceCheck.cumsum(in, out, dim);
        int[] lines = in.dims();
        lines[dim] = 1;
        int n = in.dim(dim);
        Walk walk = Walk.over(n == 0 ? in.dims() : lines, in.strides(), out.strides());
        boolean floating = in.dtype().isFloating();
        return _ -> {
            for (walk.reset(); walk.next();) {
                double sum = 0;
                long exact = 0;
                for (int i = 0; i < n; i++) {
                    long from = walk.at(0) + (long) i * in.stride(dim);
                    long to = walk.at(1) + (long) i * out.stride(dim);
                    if (floating) {
                        sum += in.getDouble(from);
                        out.setDouble(to, sum);
                    } else {
                        exact += in.getLong(from);
                        out.setLong(to, exact);
                    }
                }
            }
        };
    }
}
