package dev.gatun.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SubstitutionTest {
    @Test
    void inputsAreReplacedEverywhere() {
        Expr f = Expr.fma(Expr.input(0), Expr.input(1), Expr.select(Expr.input(0), Expr.constant(2), Expr.input(1)));
        Expr g = Expr.input(3).apply(UnaryFunction.EXP);
        Expr h = Expr.input(0).plus(1);
        assertThat(Substitution.of(f, List.of(g, h)))
                .isEqualTo(Expr.fma(g, h, Expr.select(g, Expr.constant(2), h)));
    }

    @Test
    void anInputWithoutReplacementIsAnError() {
        assertThatThrownBy(() -> Substitution.of(Expr.input(1), List.of(Expr.input(0))))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
