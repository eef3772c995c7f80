package dev.gatun.kernels.reference;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;

/// An expression as arithmetic of one type sees it: in F32 the constants are rounded first. Everything between operand
/// and result is double all the same.
final class ScalarMap {
    private final Expr expr;

    ScalarMap(Expr expr, DType arithmetic) {
        this.expr = arithmetic == DType.F32 ? Evaluation.singleConstants(expr) : expr;
    }

    double evaluate(double[] in) {
        return expr instanceof Expr.Input(int i) ? in[i] : Evaluation.evaluate(expr, in);
    }
}
