package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.ErrorFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Errors of the vector functions in F32 against StrictMath in double, in units in the last place of the right result
/// rounded to float (half a unit is perfect).
class MathAccuracyTest {
    private static final Expr X = Expr.input(0);

    /// A function, its formula restated, and how many units it may be off.
    enum Case {
        EXP(UnaryFunction.EXP, StrictMath::exp, 2), EXPM1(UnaryFunction.EXPM1, StrictMath::expm1, 2),
        LOG(UnaryFunction.LOG, StrictMath::log, 2), LOG1P(UnaryFunction.LOG1P, StrictMath::log1p, 2),
        TANH(UnaryFunction.TANH, StrictMath::tanh, 2), SIN(UnaryFunction.SIN, StrictMath::sin, 2),
        COS(UnaryFunction.COS, StrictMath::cos, 2), ERF(UnaryFunction.ERF, ErrorFunction::erf, 2),
        NORMAL_CDF(UnaryFunction.NORMAL_CDF, ErrorFunction::normalCdf, 2),
        SIGMOID(UnaryFunction.SIGMOID, MathAccuracyTest::sigmoid, 2),
        SOFTPLUS(
                UnaryFunction.SOFTPLUS, x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))), 2),
        SILU(X.times(X.apply(UnaryFunction.SIGMOID)), x -> x * sigmoid(x), 2),
        GELU(X.times(X.apply(UnaryFunction.NORMAL_CDF)), x -> x * ErrorFunction.normalCdf(x), 2),
        SQRT(UnaryFunction.SQRT, StrictMath::sqrt, 0.5), FLOOR(UnaryFunction.FLOOR, StrictMath::floor, 0),
        CEIL(UnaryFunction.CEIL, StrictMath::ceil, 0), ROUND(UnaryFunction.ROUND, StrictMath::rint, 0),
        SIGN(UnaryFunction.SIGN, Math::signum, 0);

        private final Expr expr;
        private final DoubleUnaryOperator formula;
        private final double limit;

        Case(Expr expr, DoubleUnaryOperator formula, double limit) {
            this.expr = expr;
            this.formula = formula;
            this.limit = limit;
        }

        Case(UnaryFunction function, DoubleUnaryOperator formula, double limit) {
            this(X.apply(function), formula, limit);
        }
    }

    private static double sigmoid(double x) {
        double t = StrictMath.exp(-Math.abs(x));
        return x < 0 ? t / (1 + t) : 1 / (1 + t);
    }

    /// Every exponent, about 500 mantissas each, both signs, NaN and the infinities.
    @ParameterizedTest
    @EnumSource(Case.class)
    void someOfEveryExponent(Case c) {
        assertThat(worst(c, 16381)).isLessThanOrEqualTo(c.limit);
    }

    /// All floats: minutes each. `-Dgatun.test.exhaustive=true` runs it.
    @ParameterizedTest
    @EnumSource(Case.class)
    @EnabledIfSystemProperty(named = "gatun.test.exhaustive", matches = "true")
    void everyFloat(Case c) {
        double worst = worst(c, 1);
        System.out.println(c + ": at most " + worst + " ULP");
        assertThat(worst).isLessThanOrEqualTo(c.limit);
    }

    private static double worst(Case c, int step) {
        int n = 1 << 14;
        double worst = 0;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            Call call = new VectorPointwise(Threads.of(1), VectorWidth.preferred()).map(
                    List.of(c.expr), List.of(View.of(in, 0, DType.F32, n)), List.of(View.of(out, 0, DType.F32, n)));
            for (long bits = 0; bits < 1L << 32; bits += (long) n * step) {
                for (int i = 0; i < n; i++) {
                    in.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat((int) (bits + (long) i * step)));
                }
                call.run(MemorySegment.NULL);
                for (int i = 0; i < n; i++) {
                    float x = in.getAtIndex(JAVA_FLOAT, i);
                    double error = error(out.getAtIndex(JAVA_FLOAT, i), c.formula.applyAsDouble(x));
                    if (error > c.limit) {
                        assertThat(error).as("%s(%s) = %s", c, x, out.getAtIndex(JAVA_FLOAT, i))
                                .isLessThanOrEqualTo(c.limit);
                    }
                    worst = Math.max(worst, error);
                }
            }
        }
        return worst;
    }

    /// Units in the last place; infinite when one is NaN and the other is not, or when a zero has the wrong sign.
    private static double error(float actual, double exact) {
        float rounded = (float) exact;
        if (Float.isNaN(rounded) || Float.isNaN(actual)) {
            return Float.isNaN(rounded) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
        }
        if (rounded == 0 && actual == 0) {
            return Float.compare(rounded, actual) == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        if (Float.isInfinite(rounded) || Float.isInfinite(actual)) {
            // Within two units of the largest float, either side of the border is fine.
            double shown = Float.isInfinite(actual) ? Math.copySign(0x1p128, actual) : actual;
            double right = Double.isInfinite(exact) || Math.abs(exact) > 0x1.000002p128
                    ? Math.copySign(Double.POSITIVE_INFINITY, exact)
                    : exact;
            return rounded == actual ? 0 : Math.abs(shown - right) / Math.ulp(Float.MAX_VALUE);
        }
        return Math.abs(actual - exact) / Math.ulp(rounded);
    }

    @Test
    void remainderIsExactAndPowerIsClose() {
        int n = 50_000;
        var random = new java.util.Random(4);
        try (Arena arena = Arena.ofShared()) {
            View x = View.of(arena.allocate(4L * n, 64), 0, DType.F32, n);
            View y = View.of(arena.allocate(4L * n, 64), 0, DType.F32, n);
            View out = View.of(arena.allocate(4L * n, 64), 0, DType.F32, n);
            for (int i = 0; i < n; i++) {
                boolean wild = i % 3 == 0;
                x.setDouble(i, wild ? Float.intBitsToFloat(random.nextInt()) : random.nextGaussian() * 10);
                y.setDouble(i, wild ? Float.intBitsToFloat(random.nextInt()) : random.nextGaussian() * 3);
            }
            for (int i = 0; i < 20; i++) {
                x.setDouble(i, i % 2 == 0 ? i : -i);
                y.setDouble(i, i % 3 == 0 ? 3 : -3);
            }
            VectorPointwise kernels = new VectorPointwise(Threads.of(1), VectorWidth.preferred());
            Expr two = Expr.input(1);
            kernels.map(List.of(X.apply(BinaryFunction.REMAINDER, two)), List.of(x, y), List.of(out))
                    .run(MemorySegment.NULL);
            for (int i = 0; i < n; i++) {
                float a = (float) x.getDouble(i);
                float b = (float) y.getDouble(i);
                float r = a % b;
                float expected = r != 0 && (r < 0) != (b < 0) ? (float) ((double) r + b) : r;
                assertThat(Float.valueOf((float) out.getDouble(i))).as("%s mod %s", a, b)
                        .isEqualTo(Float.valueOf(expected));
            }
            kernels.map(List.of(X.apply(BinaryFunction.POW, two)), List.of(x, y), List.of(out))
                    .run(MemorySegment.NULL);
            for (int i = 0; i < n; i++) {
                double exact = StrictMath.pow(x.getDouble(i), y.getDouble(i));
                double error = error((float) out.getDouble(i), exact);
                assertThat(error).as("%s to %s = %s", x.getDouble(i), y.getDouble(i), out.getDouble(i))
                        .isLessThanOrEqualTo(2);
            }
        }
    }
}
