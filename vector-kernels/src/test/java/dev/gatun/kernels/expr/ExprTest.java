package dev.gatun.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExprTest {
    @Test
    void readsAsAFormula() {
        Expr x = Expr.input(0);
        Expr y = Expr.input(1);
        assertThat(x.times(2).plus(y.apply(UnaryFunction.EXP))).hasToString("((x0 * 2) + exp(x1))");
        assertThat(x.max(Expr.constant(0.5)).over(y)).hasToString("(max(x0, 0.5) / x1)");
        assertThat(Expr.select(x.apply(BinaryFunction.LT, y), Expr.fma(x, y, x), Expr.constant(Double.NaN)))
                .hasToString("((x0 < x1) ? fma(x0, x1, x0) : NaN)");
    }
}
