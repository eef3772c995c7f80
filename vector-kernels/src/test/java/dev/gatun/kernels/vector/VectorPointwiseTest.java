package dev.gatun.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorPointwiseTest {
    private static final Expr X = Expr.input(0);
    private static final Expr Y = Expr.input(1);

    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(7);

    private View filled(DType dtype, int[] dims, int[] strides) {
        long last = 1;
        for (int i = 0; i < dims.length; i++) {
            last += Math.max(0, dims[i] - 1L) * strides[i];
        }
        View all = View.of(arena.allocate(last * dtype.bytes() + 64, 64), 0, dtype, (int) last);
        for (int i = 0; i < last; i++) {
            all.setDouble(i,
                    dtype.isFloating() ? random.nextGaussian() * 3 : random.nextInt(dtype == DType.BOOL ? 2 : 200));
        }
        return all.restride(0, dims, strides);
    }

    private View filled(DType dtype, int... dims) {
        return filled(dtype, dims, View.contiguousStrides(dims));
    }

    private static long at(View v, int[] index) {
        long offset = 0;
        for (int i = 0; i < index.length; i++) {
            offset += (long) index[i] * v.stride(i);
        }
        return offset;
    }

    private void run(Call call) {
        call.run(arena.allocate(Math.max(64, call.scratchBytes()), 64));
    }

    /// Compares every element of out with f of the operands.
    private static void check(View x, View y, View out, DoubleBinaryOperator f) {
        int[] index = new int[out.rank()];
        for (int n = 0; n < out.count(); n++) {
            int rest = n;
            for (int d = out.rank() - 1; d >= 0; d--) {
                index[d] = rest % out.dim(d);
                rest /= out.dim(d);
            }
            double want = f.applyAsDouble(x.getDouble(at(x, index)), y.getDouble(at(y, index)));
            if (out.getDouble(at(out, index)) != want) {
                assertThat(out.getDouble(at(out, index))).as("element %s of %s", n, out).isEqualTo(want);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void addsForEverySizeAroundVectors(int bits) {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), bits);
        for (int n : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 127, 128, 129, 511, 513, 20011}) {
            View x = filled(DType.F32, n);
            View y = filled(DType.F32, n);
            View out = filled(DType.F32, n);
            run(kernels.map(List.of(X.plus(Y)), List.of(x, y), List.of(out)));
            check(x, y, out, (p, q) -> (float) p + (float) q);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void walksEveryKindOfStride(int threads) {
        try (Threads pool = Threads.of(threads)) {
            VectorPointwise kernels = new VectorPointwise(pool, 256);
            int[][] dims = {{5, 7}, {33, 129}, {3, 4, 5}, {2, 3, 64, 5}, {300, 10}, {1, 1}, {2, 0, 3}, {200, 200}};
            for (int[] d : dims) {
                View contiguous = filled(DType.F32, d);
                for (View y : List.of(
                        filled(DType.F32, d), transposed(d), filled(DType.F32, d[d.length - 1]).expand(d),
                        filled(DType.F32, 1).expand(d), holes(d))) {
                    View out = filled(DType.F32, d);
                    run(kernels.map(List.of(X.times(Y)), List.of(contiguous, y), List.of(out)));
                    check(contiguous, y, out, (p, q) -> (float) p * (float) q);
                    View wide = holes(d);
                    run(kernels.map(List.of(X.minus(Y)), List.of(y, contiguous), List.of(wide)));
                    check(y, contiguous, wide, (p, q) -> (float) p - (float) q);
                    View turned = transposed(d);
                    run(kernels.map(List.of(X.minus(Y)), List.of(y, contiguous), List.of(turned)));
                    check(y, contiguous, turned, (p, q) -> (float) p - (float) q);
                }
            }
        }
    }

    private View transposed(int... dims) {
        int n = dims.length;
        int[] turned = new int[n];
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            turned[i] = dims[n - 1 - i];
            order[i] = n - 1 - i;
        }
        return filled(DType.F32, turned).permute(order);
    }

    private View holes(int... dims) {
        int[] strides = View.contiguousStrides(Arrays.stream(dims).map(d -> d + 1).toArray());
        Arrays.setAll(strides, i -> strides[i] * 3);
        return filled(DType.F32, dims, strides);
    }

    @Test
    void convertsEveryPairOfTypes() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 512);
        for (DType in : DType.values()) {
            for (DType out : DType.values()) {
                View x = filled(in, 1500);
                View y = filled(out, 1500);
                run(kernels.map(List.of(X.times(2)), List.of(x), List.of(y)));
                for (int i = 0; i < 1500; i++) {
                    double v = 2 * x.getDouble(i);
                    double want = switch (out) {
                        case F32 -> (float) v;
                        case F64 -> v;
                        case I64, I32 -> (long) v;
                        case U8 -> Math.clamp((long) v, 0, 255);
                        case BOOL -> v != 0 ? 1 : 0;
                    };
                    assertThat(y.getDouble(i)).as("%s to %s", in, out).isEqualTo(want);
                }
            }
        }
    }

    @Test
    void integersAreExactIn64Bits() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 512);
        View x = View.of(arena.allocate(24, 8), 0, DType.I64, 3);
        View out = View.of(arena.allocate(24, 8), 0, DType.I64, 3);
        x.setLong(0, Long.MAX_VALUE - 1);
        x.setLong(1, (1L << 53) + 1);
        x.setLong(2, -7);
        run(kernels.map(List.of(X.plus(1)), List.of(x), List.of(out)));
        assertThat(out.getLong(0)).isEqualTo(Long.MAX_VALUE);
        assertThat(out.getLong(1)).isEqualTo((1L << 53) + 2);
        run(kernels.map(List.of(X.apply(BinaryFunction.REMAINDER, Expr.constant(4))), List.of(x), List.of(out)));
        assertThat(out.getLong(2)).isEqualTo(1);
        Call division = kernels.map(List.of(X.over(0)), List.of(x), List.of(out));
        assertThatThrownBy(() -> run(division)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void severalOutputsInPlace() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 512);
        View x = filled(DType.F32, 1000);
        View y = filled(DType.F32, 1000);
        double[] before = new double[1000];
        double[] other = new double[1000];
        for (int i = 0; i < 1000; i++) {
            before[i] = x.getDouble(i);
            other[i] = y.getDouble(i);
        }
        run(kernels.map(List.of(X.plus(Y), X.minus(Y)), List.of(x, y), List.of(x, y)));
        for (int i = 0; i < 1000; i++) {
            assertThat(x.getDouble(i)).isEqualTo((float) before[i] + (float) other[i]);
            assertThat(y.getDouble(i)).isEqualTo((float) before[i] - (float) other[i]);
        }
    }

    @Test
    void maximumAndConditionsKeepNaNAndZeros() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 128);
        float[] values = {Float.NaN, -0f, 0f, 1, -1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-45f, 5};
        View x = View.of(arena.allocate(64, 64), 0, DType.F32, values.length);
        View out = View.of(arena.allocate(64, 64), 0, DType.F32, values.length);
        for (int i = 0; i < values.length; i++) {
            x.setDouble(i, values[i]);
        }
        for (double c : new double[] {0, -0.0, 1, -1}) {
            run(kernels.map(List.of(X.max(Expr.constant(c))), List.of(x), List.of(out)));
            for (int i = 0; i < values.length; i++) {
                assertThat(out.getDouble(i)).isEqualTo(boxed(Math.max(values[i], (float) c)));
            }
            run(kernels.map(List.of(X.min(Expr.constant(c))), List.of(x), List.of(out)));
            for (int i = 0; i < values.length; i++) {
                assertThat(out.getDouble(i)).isEqualTo(boxed(Math.min(values[i], (float) c)));
            }
        }
        Expr gate = Expr.select(X.apply(BinaryFunction.GT, Expr.constant(0)), X, Expr.constant(-3));
        run(kernels.map(List.of(gate), List.of(x), List.of(out)));
        for (int i = 0; i < values.length; i++) {
            assertThat(out.getDouble(i)).isEqualTo(values[i] > 0 ? values[i] : -3);
        }
        Expr logic =
                X.apply(UnaryFunction.IS_NAN).apply(BinaryFunction.OR, X.apply(BinaryFunction.EQ, Expr.constant(5)))
                        .apply(BinaryFunction.AND, X.apply(UnaryFunction.NOT).apply(UnaryFunction.NOT));
        run(kernels.map(List.of(logic), List.of(x), List.of(out)));
        for (int i = 0; i < values.length; i++) {
            assertThat(out.getDouble(i)).isEqualTo(Float.isNaN(values[i]) || values[i] == 5 ? 1 : 0);
        }
    }

    /// Compared by bits: NaN equals NaN, and the zeros differ.
    private static Double boxed(double v) {
        return v;
    }

    @Test
    void refusesWhatItCannotDo() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 512);
        View x = filled(DType.F32, 8);
        assertThatThrownBy(() -> kernels.map(List.of(X), List.of(x), List.of(filled(DType.F32, 9))))
                .hasMessage("pointwise: input 0 and output 0 must have the same shape: [8] and [9]");
        assertThatThrownBy(() -> kernels.map(List.of(Y), List.of(x), List.of(filled(DType.F32, 8))))
                .hasMessageStartingWith("pointwise: the expression reads input 1, but there are 1 operands");
        View longer = filled(DType.F32, 9);
        View head = longer.restride(0, new int[] {8}, new int[] {1});
        View shifted = longer.restride(1, new int[] {8}, new int[] {1});
        assertThatThrownBy(() -> kernels.map(List.of(X), List.of(head), List.of(shifted)))
                .hasMessageStartingWith("pointwise: the output must not overlap input 0");
        assertThatThrownBy(
                () -> kernels.map(List.of(X), List.of(x), List.of(filled(DType.F32, 1).expand(8))))
                .hasMessageStartingWith("pointwise: the output must not repeat elements");
    }

    @Test
    void sameBitsForAnyWidthAnyNumberOfThreadsAndAfterCompilation() {
        View x = filled(DType.F32, 12_007);
        Expr gelu = X.times(X.apply(UnaryFunction.NORMAL_CDF));
        Expr wave = X.apply(UnaryFunction.SIN).apply(BinaryFunction.REMAINDER, X).plus(X.apply(UnaryFunction.TANH));
        View first = filled(DType.F32, 12_007);
        View second = filled(DType.F32, 12_007);
        run(new VectorPointwise(Threads.of(1), 512).map(List.of(gelu, wave), List.of(x), List.of(first, second)));
        for (int bits : new int[] {128, 256, 512}) {
            for (int threads : new int[] {1, 2, 3, 7}) {
                try (Threads pool = Threads.of(threads)) {
                    View a = filled(DType.F32, 12_007);
                    View b = filled(DType.F32, 12_007);
                    Call call = new VectorPointwise(pool, bits).map(List.of(gelu, wave), List.of(x), List.of(a, b));
                    for (int repeat = 0; repeat < (threads == 1 ? 40 : 2); repeat++) {
                        run(call);
                        assertThat(a.segment().mismatch(first.segment())).isEqualTo(-1);
                        assertThat(b.segment().mismatch(second.segment())).isEqualTo(-1);
                    }
                }
            }
        }
    }

    @Test
    void columnsOfOneArrayAreApart() {
        VectorPointwise kernels = new VectorPointwise(Threads.of(1), 512);
        View all = filled(DType.F32, 6, 10);
        View left = all.restride(0, new int[] {6, 4}, new int[] {10, 1});
        View right = all.restride(4, new int[] {6, 4}, new int[] {10, 1});
        run(kernels.map(List.of(X.times(2)), List.of(left), List.of(right)));
        check(left, left, right, (p, q) -> 2 * (float) p);
        View tooFar = all.restride(8, new int[] {5, 4}, new int[] {10, 1});
        View low = all.restride(0, new int[] {5, 4}, new int[] {10, 1});
        assertThatThrownBy(() -> kernels.map(List.of(X), List.of(low), List.of(tooFar)))
                .hasMessageContaining("must not overlap");
    }
}
