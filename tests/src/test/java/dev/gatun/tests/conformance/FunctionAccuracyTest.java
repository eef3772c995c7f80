package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Units in the last place of the F32 functions, over every exponent and both signs; all 2³² floats when asked by
/// `-Dgatun.exhaustive=true`.
class FunctionAccuracyTest {
    private static final int PER_EXPONENT = 96;
    private static final int BLOCK = 1 << 16;

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void overAllExponents(UnaryFunction f) {
        // A correctly rounded result is within half a unit.
        double allowed = PointwiseRows.units(f) == 0 ? 0.5 : PointwiseRows.units(f);
        check(f.name(), Expr.input(0).apply(f), exponents(f.ordinal()), allowed);
    }

    /// `x·Φ(x)` and `x·sigmoid(x)` as products of their own.
    @ParameterizedTest
    @EnumSource(value = UnaryFunction.class, names = {"NORMAL_CDF", "SIGMOID"})
    void gates(UnaryFunction f) {
        check("x·" + f, Expr.input(0).times(Expr.input(0).apply(f)), exponents(7), 2);
    }

    private static int[] exponents(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] bits = new int[512 * PER_EXPONENT];
        for (int i = 0; i < bits.length; i++) {
            int fraction = i % PER_EXPONENT == 0 ? 0 : i % PER_EXPONENT == 1 ? 0x7FFFFF : random.nextInt(1 << 23);
            bits[i] = i / PER_EXPONENT << 23 | fraction;
        }
        return bits;
    }

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    @EnabledIfSystemProperty(named = "gatun.exhaustive", matches = "true")
    void overAllFloats(UnaryFunction f) {
        int[] bits = new int[BLOCK];
        for (long start = 0; start < 1L << 32; start += BLOCK) {
            for (int i = 0; i < BLOCK; i++) {
                bits[i] = (int) (start + i);
            }
            check(f.name(), Expr.input(0).apply(f), bits, Math.max(0.5, PointwiseRows.units(f)));
        }
    }

    private static void check(String name, Expr f, int[] bits, double allowed) {
        try (Threads threads = Threads.of(1); Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(bits.length * 4L, 64);
            MemorySegment out = arena.allocate(bits.length * 4L, 64);
            MemorySegment.copy(bits, 0, in, ValueLayout.JAVA_INT, 0, bits.length);
            Call call = Kernels.best(threads).pointwise().map(List.of(f),
                    List.of(View.of(in, 0, DType.F32, bits.length)), List.of(View.of(out, 0, DType.F32, bits.length)));
            CaseRun.run(call);
            double worst = 0;
            String where = "";
            for (int i = 0; i < bits.length; i++) {
                float x = Float.intBitsToFloat(bits[i]);
                double exact = Evaluation.evaluate(f, new double[] {x});
                float actual = out.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                double off = unitsOff(exact, actual);
                if (off > worst) {
                    worst = off;
                    where = name + "(" + x + ") = " + actual + ", exactly " + exact;
                }
            }
            assertThat(worst).as(where).isLessThanOrEqualTo(allowed);
        }
    }

    /// Distance in units of the last place of the rounded result; infinite where one is NaN or infinite and the other
    /// is not.
    private static double unitsOff(double exact, float actual) {
        float rounded = (float) exact;
        if (Float.compare(rounded, actual) == 0 || (Double.isNaN(exact) && Float.isNaN(actual))) {
            return 0;
        }
        // The last step to infinity, and the one below the smallest number, are like any other.
        boolean ends = Float.isInfinite(rounded) && Math.abs(actual) == Float.MAX_VALUE
                || Float.isInfinite(actual) && Math.abs(rounded) == Float.MAX_VALUE;
        if (ends) {
            return 1;
        }
        double off = Math.abs(exact - actual) / Math.ulp(rounded);
        return Double.isNaN(off) ? Double.POSITIVE_INFINITY : off;
    }
}
