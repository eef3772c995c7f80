package dev.gatun.tests.properties;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Tensor;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Broadcasting, reductions and shapes of tensors against loops over coordinates, on the fast kernels.
class BroadcastPropertiesTest {
    @Property(tries = 200)
    void operandsBroadcast(@ForAll("shapes") int[] full, @ForAll Random random) {
        int[] left = thinned(full, random);
        int[] right = thinned(full, random);
        run(engine -> {
            Tensor x = numbered(left, 1);
            Tensor y = numbered(right, 100);
            Tensor sum = x.add(y);
            int[] dims = together(left, right);
            assertThat(sum.shape().dims()).containsExactly(dims);
            double[] values = sum.toDoubles();
            for (int i = 0; i < values.length; i++) {
                int[] at = coordinate(i, dims);
                assertThat(values[i]).isEqualTo(pick(left, at, 1) + pick(right, at, 100));
            }
        });
    }

    @Property(tries = 100)
    void otherShapesAreRefused(@ForAll("shapes") int[] full, @ForAll Random random) {
        if (full.length == 0) {
            return;
        }
        int[] wrong = full.clone();
        int at = random.nextInt(full.length);
        wrong[at] = full[at] + 2;
        if (full[at] == 1) {
            return;
        }
        run(engine -> assertThatThrownBy(() -> numbered(full, 1).add(numbered(wrong, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("add: shapes do not broadcast: " + Arrays.toString(full) + " and "
                        + Arrays.toString(wrong)));
    }

    @Property(tries = 200)
    void sumsOverAnyDims(@ForAll("shapes") int[] dims, @ForAll Random random) {
        int[] axes = java.util.stream.IntStream.range(0, dims.length).filter(_ -> random.nextBoolean()).toArray();
        if (axes.length == 0) {
            return;
        }
        run(engine -> {
            double[] sums = numbered(dims, 1).sum(axes, true).toDoubles();
            int[] kept = dims.clone();
            for (int axis : axes) {
                kept[axis] = 1;
            }
            double[] expected = new double[count(kept)];
            for (int i = 0; i < count(dims); i++) {
                int[] at = coordinate(i, dims);
                for (int axis : axes) {
                    at[axis] = 0;
                }
                expected[index(at, kept)] += i + 1;
            }
            assertThat(sums).containsExactly(expected);
        });
    }

    @Property(tries = 200)
    void sliceThenFlattenKeepsOrder(@ForAll("shapes") int[] dims, @ForAll Random random) {
        if (dims.length == 0) {
            return;
        }
        int axis = random.nextInt(dims.length);
        int start = dims[axis] == 0 ? 0 : random.nextInt(dims[axis]);
        int step = 1 + random.nextInt(2);
        run(engine -> {
            Tensor cut = numbered(dims, 1).slice(axis, start, dims[axis], step);
            int[] expected = dims.clone();
            expected[axis] = (dims[axis] - start + step - 1) / step;
            assertThat(cut.shape().dims()).containsExactly(expected);
            double[] values = cut.reshape(-1).toDoubles();
            for (int i = 0; i < values.length; i++) {
                int[] at = coordinate(i, expected);
                at[axis] = start + at[axis] * step;
                assertThat(values[i]).isEqualTo(1 + index(at, dims));
            }
        });
    }

    @Provide
    Arbitrary<int[]> shapes() {
        return Arbitraries.integers().between(1, 5).array(int[].class).ofMinSize(0).ofMaxSize(4);
    }

    private static final Kernels FAST = Kernels.best(Threads.of(1));

    private static void run(Consumer<Engine> work) {
        try (Engine engine = Engine.builder().kernels(FAST).memoryBudget(64 << 20).build()) {
            engine.run(() -> work.accept(engine));
        }
    }

    /// Some sizes 1, and some leading dims gone.
    private static int[] thinned(int[] dims, Random random) {
        int[] thin = Arrays.copyOfRange(dims, random.nextInt(dims.length + 1), dims.length);
        for (int i = 0; i < thin.length; i++) {
            thin[i] = random.nextInt(3) == 0 ? 1 : thin[i];
        }
        return thin;
    }

    private static int[] together(int[] a, int[] b) {
        int[] dims = new int[Math.max(a.length, b.length)];
        for (int i = 1; i <= dims.length; i++) {
            int x = i <= a.length ? a[a.length - i] : 1;
            int y = i <= b.length ? b[b.length - i] : 1;
            dims[dims.length - i] = Math.max(x, y);
        }
        return dims;
    }

    private static Tensor numbered(int[] dims, int first) {
        double[] values = new double[count(dims)];
        Arrays.setAll(values, i -> first + i);
        // Without dims, an array becomes one dim of its length.
        return Tensor.of(values, values.length).reshape(dims);
    }

    /// What the numbered tensor has at the coordinate of a shape that it broadcasts to.
    private static double pick(int[] dims, int[] at, int first) {
        int[] own = new int[dims.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = dims[i] == 1 ? 0 : at[at.length - dims.length + i];
        }
        return first + index(own, dims);
    }

    private static int count(int[] dims) {
        return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    }

    private static int[] coordinate(int index, int[] dims) {
        int[] at = new int[dims.length];
        int rest = index;
        for (int i = dims.length - 1; i >= 0; i--) {
            at[i] = rest % dims[i];
            rest /= dims[i];
        }
        return at;
    }

    private static int index(int[] at, int[] dims) {
        int index = 0;
        for (int i = 0; i < dims.length; i++) {
            index = index * dims[i] + at[i];
        }
        return index;
    }
}
