package dev.gatun.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.ReduceKernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.reference.ReferenceReduce;
import dev.gatun.kernels.thread.Threads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorReduceTest {
    private static final double EPS = 0x1p-24;

    private final Tensors tensors = new Tensors(11);
    private final ReduceKernels reference = new ReferenceReduce();

    private static VectorReduce kernels(Threads threads, int bits) {
        return new VectorReduce(threads, bits, new VectorPointwise(threads, bits));
    }

    private void compare(ReduceKernels kernels, Reduction reduction, Expr map, List<View> in, int mask) {
        int[] dims = in.getFirst().dims();
        int[] kept = dims.clone();
        int k = 1;
        for (int d = 0; d < dims.length; d++) {
            if ((mask >> d & 1) != 0) {
                kept[d] = 1;
                k *= dims[d];
            }
        }
        DType dtype = in.getFirst().dtype();
        if (k == 0 && (reduction == Reduction.MAX || reduction == Reduction.MIN)) {
            return;
        }
        View out = tensors.dense(dtype, kept);
        View expected = tensors.dense(DType.F64, kept);
        View terms = tensors.dense(DType.F64, kept);
        tensors.run(kernels.reduce(reduction, map, in, out));
        List<View> wide = in.stream().map(this::widened).toList();
        tensors.run(reference.reduce(reduction, map, wide, expected));
        tensors.run(reference.reduce(Reduction.SUM, map.apply(UnaryFunction.ABS), wide, terms));
        double eps = dtype == DType.F32 ? EPS : 0x1p-52;
        for (int i = 0; i < out.count(); i++) {
            double bound = switch (reduction) {
                case SUM -> 4 * Math.sqrt(k) * eps * terms.getDouble(i);
                case MEAN -> 4 * Math.sqrt(k) * eps * terms.getDouble(i) / k;
                case MAX, MIN -> 4 * eps * Math.abs(expected.getDouble(i));
                case PROD -> (k + 4) * 2 * eps * Math.abs(expected.getDouble(i)) + Float.MIN_VALUE;
            };
            double error = Math.abs(out.getDouble(i) - expected.getDouble(i));
            boolean equal = Double.compare(out.getDouble(i), rounded(expected.getDouble(i), dtype)) == 0;
            if (!(error <= bound || equal)) {
                assertThat(out.getDouble(i)).as("%s of %s over %s", reduction, in, mask)
                        .isEqualTo(expected.getDouble(i));
            }
        }
    }

    private static double rounded(double v, DType dtype) {
        return dtype == DType.F32 ? (float) v : v;
    }

    private View widened(View v) {
        View wide = tensors.strided(DType.F64, v.dims(), v.strides());
        for (var w = dev.gatun.kernels.reference.Walk.over(v.dims(), v.strides()); w.next();) {
            wide.setDouble(w.at(0), v.getDouble(w.at(0)));
        }
        return wide;
    }

    @ParameterizedTest
    @EnumSource(Reduction.class)
    void everySetOfDims(Reduction reduction) {
        try (Threads threads = Threads.of(2)) {
            VectorReduce kernels = kernels(threads, 512);
            Expr x = Expr.input(0);
            for (int[] dims : new int[][] {{7}, {5000}, {5, 33}, {130, 70}, {3, 4, 17}, {2, 100, 3, 5}, {1500, 7},
                {2, 0, 3},
                {1, 1}}) {
                for (int mask = 0; mask < 1 << dims.length; mask++) {
                    compare(kernels, reduction, x, List.of(tensors.dense(DType.F32, dims)), mask);
                    compare(kernels, reduction, x, List.of(tensors.reversed(DType.F32, dims)), mask);
                    if (mask < 4) {
                        compare(kernels, reduction, x, List.of(tensors.sparse(DType.F32, dims)), mask);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void fusedMapOfSeveralInputs(int bits) {
        VectorReduce kernels = kernels(Threads.of(1), bits);
        Expr product = Expr.input(0).minus(Expr.input(1)).times(Expr.input(0));
        Expr exponential = Expr.input(0).minus(Expr.input(1)).apply(UnaryFunction.TANH);
        for (int[] dims : new int[][] {{100}, {33, 65}, {65, 33}, {4, 9, 50}}) {
            View x = tensors.dense(DType.F32, dims);
            View row = tensors.dense(DType.F32, dims[dims.length - 1]).expand(dims);
            int[] one = dims.clone();
            one[dims.length - 1] = 1;
            View column = tensors.dense(DType.F32, one).expand(dims);
            for (int mask = 0; mask < 1 << dims.length; mask++) {
                for (View y : List.of(x, row, column, tensors.reversed(DType.F32, dims))) {
                    compare(kernels, Reduction.SUM, product, List.of(x, y), mask);
                    compare(kernels, Reduction.MAX, product, List.of(y, x), mask);
                    compare(kernels, Reduction.SUM, exponential, List.of(x, y), mask);
                }
            }
        }
    }

    @Test
    void doubles() {
        VectorReduce kernels = kernels(Threads.of(1), 512);
        for (int mask = 0; mask < 4; mask++) {
            compare(kernels, Reduction.SUM, Expr.input(0), List.of(tensors.dense(DType.F64, 37, 41)), mask);
            compare(kernels, Reduction.MEAN, Expr.input(0).apply(UnaryFunction.EXP),
                    List.of(tensors.dense(DType.F64, 37, 41)), mask);
        }
    }

    @Test
    void systematicRoundingStaysSmall() {
        VectorReduce kernels = kernels(Threads.of(1), 128);
        View x = tensors.dense(DType.F32, 1 << 20);
        for (int i = 0; i < x.count(); i++) {
            x.setDouble(i, 0.1f);
        }
        View out = tensors.dense(DType.F32, 1);
        tensors.run(kernels.reduce(Reduction.SUM, Expr.input(0), List.of(x), out));
        assertThat(out.getDouble(0)).isCloseTo(0.1f * (double) (1 << 20),
                org.assertj.core.api.Assertions.withinPercentage(1e-3));
        View tall = x.restride(0, new int[] {1 << 16, 16}, new int[] {16, 1});
        View row = tensors.dense(DType.F32, 1, 16);
        tensors.run(kernels.reduce(Reduction.SUM, Expr.input(0), List.of(tall), row));
        assertThat(row.getDouble(5)).isCloseTo(0.1f * (double) (1 << 16),
                org.assertj.core.api.Assertions.withinPercentage(1e-3));
    }

    @Test
    void sameBitsForAnyNumberOfThreadsAndAfterCompilation() {
        View x = tensors.dense(DType.F32, 300, 1000);
        int[][] outs = {{1, 1}, {300, 1}, {1, 1000}};
        for (int[] dims : outs) {
            float[] first = null;
            for (int threads : new int[] {1, 2, 3, 7}) {
                try (Threads pool = Threads.of(threads)) {
                    View out = tensors.dense(DType.F32, dims);
                    Call call = kernels(pool, 512).reduce(Reduction.SUM, Expr.input(0), List.of(x), out);
                    for (int repeat = 0; repeat < (threads == 1 ? 300 : 5); repeat++) {
                        tensors.run(call);
                        float[] now = new float[out.count()];
                        for (int i = 0; i < now.length; i++) {
                            now[i] = (float) out.getDouble(i);
                        }
                        first = first == null ? now : first;
                        assertThat(now).as("%s threads, run %s", threads, repeat).isEqualTo(first);
                    }
                }
            }
        }
    }

    @Test
    void nanAndInfinityGoThrough() {
        VectorReduce kernels = kernels(Threads.of(1), 512);
        for (int at : new int[] {0, 5, 40, 99}) {
            View x = tensors.dense(DType.F32, 100);
            x.setDouble(at, Double.NaN);
            View out = tensors.dense(DType.F32, 1);
            for (Reduction r : Reduction.values()) {
                tensors.run(kernels.reduce(r, Expr.input(0), List.of(x), out));
                assertThat(out.getDouble(0)).as("%s", r).isNaN();
            }
            x.setDouble(at, Double.NEGATIVE_INFINITY);
            tensors.run(kernels.reduce(Reduction.MIN, Expr.input(0), List.of(x), out));
            assertThat(out.getDouble(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        }
    }

    @Test
    void argAndRunningSum() {
        try (Threads threads = Threads.of(3)) {
            VectorReduce kernels = kernels(threads, 512);
            for (int[] dims : new int[][] {{9}, {300, 70}, {4, 5, 6}}) {
                for (DType dtype : DType.values()) {
                    for (View x : List.of(tensors.dense(dtype, dims), tensors.reversed(dtype, dims))) {
                        if (dtype == DType.F32) {
                            x.setDouble(x.stride(0) * 2L, Double.NaN);
                        }
                        for (int d = 0; d < dims.length; d++) {
                            int[] one = dims.clone();
                            one[d] = 1;
                            for (boolean largest : new boolean[] {true, false}) {
                                View a = tensors.dense(DType.I64, one);
                                View b = tensors.dense(DType.I64, one);
                                tensors.run(kernels.arg(largest, x, a, d));
                                tensors.run(reference.arg(largest, x, b, d));
                                Tensors.same(a, b);
                            }
                            DType sum = dtype.isFloating() ? dtype : DType.I64;
                            View a = tensors.dense(sum, dims);
                            View b = tensors.dense(sum, dims);
                            tensors.run(kernels.cumsum(x, a, d));
                            tensors.run(reference.cumsum(x, b, d));
                            Tensors.same(a, b);
                        }
                    }
                }
            }
        }
    }
}
