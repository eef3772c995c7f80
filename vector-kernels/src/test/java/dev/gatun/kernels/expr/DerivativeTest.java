package dev.gatun.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DerivativeTest {
    private static final Expr X = Expr.input(0);
    private static final Expr Y = Expr.input(1);
    private static final double STEP = 1e-6;

    private static double at(Expr expr, double... in) {
        return Evaluation.evaluate(expr, in);
    }

    private static void agreesWithDifferences(Expr expr, double x, double y) {
        double dx = (at(expr, x + STEP, y) - at(expr, x - STEP, y)) / (2 * STEP);
        double dy = (at(expr, x, y + STEP) - at(expr, x, y - STEP)) / (2 * STEP);
        assertThat(at(Derivative.of(expr, 0), x, y)).isCloseTo(dx, within(1e-7 + 1e-7 * Math.abs(dx)));
        assertThat(at(Derivative.of(expr, 1), x, y)).isCloseTo(dy, within(1e-7 + 1e-7 * Math.abs(dy)));
    }

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void functionsOfOneOperand(UnaryFunction function) {
        for (double x : new double[] {0.3, 0.7, 1.4, 2.6}) {
            agreesWithDifferences(X.times(Y).apply(function).times(X), x, 1.1);
        }
    }

    @ParameterizedTest
    @EnumSource(BinaryFunction.class)
    void functionsOfTwoOperands(BinaryFunction function) {
        for (double x : new double[] {0.3, 0.7, 1.4, 2.6}) {
            agreesWithDifferences(X.plus(Y).apply(function, X.times(Y).plus(0.1)), x, 0.9);
        }
    }

    @Test
    void compounds() {
        agreesWithDifferences(Expr.fma(X, X.times(Y), Y), 1.2, -0.7);
        agreesWithDifferences(
                Expr.select(X.apply(BinaryFunction.LT, Y), X.times(3), Y.times(X).apply(UnaryFunction.SIN)), 1.2, -0.7);
        agreesWithDifferences(Derivative.of(X.apply(UnaryFunction.TANH).times(Y), 0), 0.4, 1.5);
    }

    @Test
    void corners() {
        Expr relu = X.max(Expr.constant(0));
        assertThat(at(Derivative.of(relu, 0), 0)).isZero();
        assertThat(at(Derivative.of(relu, 0), 1)).isEqualTo(1);
        assertThat(at(Derivative.of(Expr.constant(6).min(X), 0), 6)).isZero();
        assertThat(at(Derivative.of(X.apply(UnaryFunction.ABS), 0), 0)).isZero();
        assertThat(at(Derivative.of(X.max(Y), 0), 2, 2)).isEqualTo(0.5);
        assertThat(at(Derivative.of(X.min(Y), 1), 2, 2)).isEqualTo(0.5);
        assertThat(at(Derivative.of(X.apply(BinaryFunction.POW, Expr.constant(2)), 0), 0)).isZero();
    }

    @Test
    void whatIsPlainlyNothingIsLeftOut() {
        assertThat(Derivative.of(X.plus(Y).times(2), 2)).isEqualTo(Expr.constant(0));
        assertThat(Derivative.of(X.plus(Y), 0)).isEqualTo(Expr.constant(1));
        assertThat(Derivative.of(X.times(Y), 0)).isEqualTo(Y);
    }
}
