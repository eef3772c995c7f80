package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Values against formulas, gradients against central differences in F64 and across precisions and kernels, the same
/// bits twice and on any number of threads: every row of [OpRows].
class GradientTest {
    private static final double STEP = 1e-6;
    private static final double ATOL = 1e-5;
    private static final double RTOL = 1e-3;

    @TestFactory
    Stream<DynamicTest> values() {
        return OpRows.all().stream().filter(r -> r.formula() != null).map(row -> DynamicTest.dynamicTest(row.name(),
                () -> {
                    checkFormula(row, DType.F64, Kernels.reference(), 1e-14);
                    with(1, fast -> checkFormula(row, DType.F32, fast, 1e-6));
                }));
    }

    private static void checkFormula(OpRow row, DType type, Kernels kernels, double tolerance) {
        on(kernels, () -> {
            List<Tensor> in = row.make(type);
            double[] y = row.work().apply(in).toDoubles();
            List<double[]> x = in.stream().map(Tensor::toDoubles).toList();
            for (int i = 0; i < y.length; i++) {
                double[] v = new double[x.size()];
                for (int j = 0; j < v.length; j++) {
                    v[j] = x.get(j)[i];
                }
                double expected = java.util.Objects.requireNonNull(row.formula()).applyAsDouble(v);
                assertThat(Math.abs(y[i] - expected)).as(row.name() + java.util.Arrays.toString(v) + " = " + y[i]
                        + ", expected " + expected).isLessThanOrEqualTo(tolerance * Math.max(Math.abs(expected), 0.1));
            }
            return null;
        });
    }

    @TestFactory
    Stream<DynamicTest> centralDifferences() {
        return differentiable().map(row -> DynamicTest.dynamicTest(row.name(), () -> on(Kernels.reference(), () -> {
            List<Tensor> in = row.make(DType.F64);
            List<double[]> gradients = gradients(row, in);
            for (int direction = 0; direction < 3; direction++) {
                List<double[]> along = directions(in, 17 + direction);
                double expected = (loss(row, moved(in, along, STEP)) - loss(row, moved(in, along, -STEP))) / (2 * STEP);
                double actual = dot(gradients, along);
                assertThat(Math.abs(actual - expected)).as("along direction " + direction + ": gradient " + actual
                        + ", difference " + expected).isLessThanOrEqualTo(ATOL + RTOL * Math.abs(expected));
            }
            return null;
        })));
    }

    /// The gradient's own gradient, by differences of gradients.
    @TestFactory
    Stream<DynamicTest> secondDifferences() {
        return differentiable().filter(OpRow::twice)
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> on(Kernels.reference(), () -> {
                    List<Tensor> in = row.make(DType.F64);
                    List<double[]> along = directions(in, 5);
                    List<double[]> other = directions(in, 6);
                    List<Tensor> leaves = leaves(in);
                    List<Tensor> wanted = leaves.stream().filter(Tensor::requiresGrad).toList();
                    List<Tensor> first = Autograd.gradients(weighted(row, leaves), wanted, true);
                    Tensor projected = Tensor.zeros(DType.F64, dev.gatun.ops.Shape.SCALAR);
                    int at = 0;
                    for (int i = 0; i < in.size(); i++) {
                        if (leaves.get(i).requiresGrad()) {
                            projected =
                                    projected.add(first.get(at++).mul(Tensor.of(along.get(i), in.get(i).shape().dims()))
                                            .sum());
                        }
                    }
                    double actual = 0;
                    if (projected.requiresGrad()) {
                        List<Tensor> second = Autograd.gradients(projected, wanted, false);
                        at = 0;
                        for (int i = 0; i < in.size(); i++) {
                            if (leaves.get(i).requiresGrad()) {
                                actual += second.get(at++).mul(Tensor.of(other.get(i), in.get(i).shape().dims())).sum()
                                        .item();
                            }
                        }
                    }
                    double expected = (dot(gradients(row, moved(in, other, STEP)), along)
                            - dot(gradients(row, moved(in, other, -STEP)), along)) / (2 * STEP);
                    assertThat(Math.abs(actual - expected))
                            .as("second derivative " + actual + ", difference " + expected)
                            .isLessThanOrEqualTo(ATOL + RTOL * Math.abs(expected));
                    return null;
                })));
    }

    @TestFactory
    Stream<DynamicTest> singleAgainstDouble() {
        return differentiable().map(row -> DynamicTest.dynamicTest(row.name(), () -> {
            List<double[]> exact = on(Kernels.reference(), () -> gradients(row, row.make(DType.F64)));
            List<List<double[]>> single = new ArrayList<>();
            for (int threads : new int[] {1, 3}) {
                with(threads, fast -> {
                    single.add(on(fast, () -> gradients(row, row.make(DType.F32))));
                    single.add(on(fast, () -> gradients(row, row.make(DType.F32))));
                });
            }
            for (int i = 0; i < exact.size(); i++) {
                double largest = 1e-3;
                for (double g : exact.get(i)) {
                    largest = Math.max(largest, Math.abs(g));
                }
                for (int e = 0; e < exact.get(i).length; e++) {
                    double actual = single.getFirst().get(i)[e];
                    assertThat(Math.abs(actual - exact.get(i)[e])).as("operand " + i + " element " + e + ": " + actual
                            + ", in F64 " + exact.get(i)[e]).isLessThanOrEqualTo(2e-5 * largest);
                }
                for (List<double[]> again : single) {
                    assertThat(again.get(i)).as("backward again, or on other threads").isEqualTo(
                            single.getFirst().get(i));
                }
            }
        }));
    }

    private static Stream<OpRow> differentiable() {
        return OpRows.all().stream().filter(OpRow::differentiable);
    }

    private interface Work {
        void run(Kernels kernels);
    }

    private static void with(int threads, Work work) {
        try (Threads pool = Threads.of(threads)) {
            work.run(Kernels.best(pool));
        }
    }

    private static <T> T on(Kernels kernels, Supplier<T> work) {
        try (Engine engine = Engine.builder().kernels(kernels).memoryBudget(256 << 20).debug(true).build()) {
            return engine.call(() -> {
                try (Scope _ = engine.scope()) {
                    return work.get();
                }
            });
        }
    }

    private static List<Tensor> leaves(List<Tensor> in) {
        return in.stream().map(t -> t.copy().requiresGrad(t.dtype().isFloating())).toList();
    }

    /// Gradients of a weighted sum of the results; none for integers.
    private static List<double[]> gradients(OpRow row, List<Tensor> in) {
        List<Tensor> leaves = leaves(in);
        weighted(row, leaves).backward();
        List<double[]> gradients = new ArrayList<>();
        for (Tensor leaf : leaves) {
            Tensor g = leaf.grad();
            gradients.add(g == null ? new double[leaf.count()] : g.toDoubles());
        }
        return gradients;
    }

    private static Tensor weighted(OpRow row, List<Tensor> in) {
        Tensor y = row.work().apply(in);
        double[] weights = new double[y.count()];
        SplittableRandom random = new SplittableRandom(99);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextDouble(-1, 1);
        }
        return y.mul(Tensor.of(weights, y.shape().dims()).to(y.dtype())).sum();
    }

    private static double loss(OpRow row, List<Tensor> in) {
        return Autograd.noGrad(() -> weighted(row, in).item());
    }

    private static List<double[]> directions(List<Tensor> in, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return in.stream().map(t -> random.doubles(t.count(), -1, 1).toArray()).toList();
    }

    private static List<Tensor> moved(List<Tensor> in, List<double[]> along, double step) {
        List<Tensor> moved = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            Tensor t = in.get(i);
            moved.add(t.dtype().isFloating() ? t.add(Tensor.of(along.get(i), t.shape().dims()).mul(step)) : t);
        }
        return moved;
    }

    private static double dot(List<double[]> a, List<double[]> b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            for (int e = 0; e < a.get(i).length; e++) {
                sum += a.get(i)[e] * b.get(i)[e];
            }
        }
        return sum;
    }
}
