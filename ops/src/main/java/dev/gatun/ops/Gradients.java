package dev.gatun.ops;

import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.expr.Derivative;
import dev.gatun.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.List;

/// Pieces that several backwards share.
final class Gradients {
    private Gradients() {}

    /// The gradient of operand `index` of `expr`, as an expression over operands, result and the result's gradient.
    static Expr derived(Expr expr, int operands, int index) {
        Expr partial = Derivative.of(expr, index);
        Expr gradient = Expr.input(operands + 1);
        return partial.equals(Expr.constant(0)) ? partial
                : partial.equals(Expr.constant(1)) ? gradient : gradient.times(partial);
    }

    /// Undoes a broadcast: sums `gradient` over the dims that `wanted` does not have or has with size 1, and converts.
    static Tensor sumTo(Tensor gradient, Signature wanted) {
        Tensor sum = gradient.shape().equals(wanted.shape()) ? gradient
                : sumTo(Expr.input(0), List.of(gradient), "sum", gradient.shape(), wanted);
        return sum.to(wanted.dtype());
    }

    /// As above for `expr(operands…)`, which has shape `full`, without storing it.
    static Tensor sumTo(Expr expr, List<Tensor> operands, String name, Shape full, Signature wanted) {
        int[] dims = full.dims();
        int missing = dims.length - wanted.shape().rank();
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            if (i < missing || (wanted.shape().dim(i - missing) == 1 && dims[i] != 1)) {
                axes.add(i);
            }
        }
        Signature common = new Signature(Promotion.of(operands.stream().map(Tensor::signature).toList()), full);
        Tensor[] typed = operands.stream().map(t -> t.to(common.dtype())).toArray(Tensor[]::new);
        // The operands may all be smaller than the result; the first is brought to full size for the sum to count.
        typed[0] = typed[0].expand(dims);
        Op op = new Reduce(name, Reduction.SUM, expr, typed.length, axes, true);
        return Tensor.applyOne(op, typed).reshape(wanted.shape().dims()).to(wanted.dtype());
    }
}
