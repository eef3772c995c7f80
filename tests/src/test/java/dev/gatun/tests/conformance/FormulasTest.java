package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The reference's evaluation against formulas written down independently, in double.
class FormulasTest {
    private static final int POINTS = 3000;

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void unary(UnaryFunction f) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < POINTS; i++) {
            double x = point(i, random);
            near(f.name() + " " + x, Evaluation.apply(f, x), Formulas.unary(f, x));
        }
    }

    @ParameterizedTest
    @EnumSource(BinaryFunction.class)
    void binary(BinaryFunction f) {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < POINTS; i++) {
            double x = point(i, random);
            double y = point(random.nextInt(POINTS), random);
            near(f.name() + " " + x + ", " + y, Evaluation.apply(f, x, y), Formulas.binary(f, x, y));
        }
    }

    private static double point(int i, SplittableRandom random) {
        double[] special = Domain.Special.VALUES;
        return i < special.length ? special[i] : random.nextDouble(-12, 12) * (i % 7 == 0 ? 1e-3 : 1);
    }

    private static void near(String what, double actual, double expected) {
        if (Double.isNaN(expected)) {
            assertThat(actual).as(what).isNaN();
        } else if (actual != expected) {
            assertThat(Math.abs(actual - expected)).as(what + ": " + actual + ", " + expected)
                    .isLessThanOrEqualTo(8 * Math.ulp(expected));
        } else {
            assertThat(Math.copySign(1, actual)).as("sign of " + what).isEqualTo(Math.copySign(1, expected));
        }
    }
}
