package dev.gatun.kernels.vector;

import static dev.gatun.kernels.vector.RowStep.number;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.SoftmaxKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.SoftmaxCheck;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.util.List;

/// Maths: softmax e^(x − max)/Σ, its logarithm (x − max) − ln Σ, and their gradients.
/// Layout: any strides; see [SoftmaxRows] and [RowSteps].
/// Blocking: line by line where lines are contiguous.
/// Registers: see the generated loops.
/// Evidence: VectorSoftmaxTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class VectorSoftmax implements SoftmaxKernels {
    private static final Expr FIRST = Expr.input(0);
    private static final Expr SECOND = Expr.input(1);
    private static final Expr THIRD = Expr.input(2);

    /// Numbers: 0 the largest, 1 one over the sum.
    private static final List<RowStep> SOFTMAX = List.of(
            new RowStep.Fold(Reduction.MAX, FIRST, List.of(0), 0),
            new RowStep.Map(FIRST.minus(SECOND).apply(UnaryFunction.EXP), List.of(0, number(0)), 1),
            new RowStep.Fold(Reduction.SUM, FIRST, List.of(1), 1),
            new RowStep.Number(Expr.constant(1).over(SECOND), 1),
            new RowStep.Map(FIRST.times(SECOND), List.of(1, number(1)), 1));

    /// Numbers: 0 the largest, 1 the logarithm of the sum.
    private static final List<RowStep> LOG_SOFTMAX = List.of(
            new RowStep.Fold(Reduction.MAX, FIRST, List.of(0), 0),
            new RowStep.Fold(
                    Reduction.SUM, FIRST.minus(SECOND).apply(UnaryFunction.EXP), List.of(0, number(0)), 1),
            new RowStep.Number(SECOND.apply(UnaryFunction.LOG), 1),
            new RowStep.Map(FIRST.minus(SECOND).minus(THIRD), List.of(0, number(0), number(1)), 1));

    /// Operands y, gy, gx.
    private static final List<RowStep> GRADIENT = List.of(
            new RowStep.Fold(Reduction.SUM, FIRST.times(SECOND), List.of(0, 1), 0),
            new RowStep.Map(FIRST.times(SECOND.minus(THIRD)), List.of(0, 1, number(0)), 2));

    private static final List<RowStep> LOG_GRADIENT = List.of(
            new RowStep.Fold(Reduction.SUM, FIRST, List.of(1), 0),
            new RowStep.Map(
                    SECOND.minus(FIRST.apply(UnaryFunction.EXP).times(THIRD)), List.of(0, 1, number(0)), 2));

    private final Threads threads;
    private final RowSteps rows;

    /// Made of the generated loops of these.
    public VectorSoftmax(Threads threads, VectorPointwise pointwise, VectorReduce reduce) {
        this.threads = threads;
        rows = new RowSteps(threads, pointwise, reduce);
    }

    @Override
    public Call softmax(View in, View out, int dim, boolean log) {
        SoftmaxCheck.softmax(in, out, dim);
        if (!log && SoftmaxRows.takes(in, out, dim)) {
            return new SoftmaxRows(threads, in, out, dim);
        }
        return rows.call(log ? LOG_SOFTMAX : SOFTMAX, 2, dim, in, out);
    }

    @Override
    public Call gradient(View y, View gy, View gx, int dim, boolean log) {
        SoftmaxCheck.gradient(y, gy, gx, dim);
        return rows.call(log ? LOG_GRADIENT : GRADIENT, 1, dim, y, gy, gx);
    }
}
