package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Numbers.last;
import static dev.gatun.kernels.image.Numbers.near;
import static dev.gatun.kernels.image.Numbers.random;
import static dev.gatun.kernels.image.Numbers.run;
import static dev.gatun.kernels.image.Numbers.same;
import static dev.gatun.kernels.image.Numbers.spaced;
import static dev.gatun.kernels.image.Numbers.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolKernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorPoolTest {
    private static final PoolKernels REFERENCE = Kernels.reference().pool();

    private record Case(String name, int h, int w, PoolSpec spec) {}

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        int[][] sizes = {{1, 1}, {2, 2}, {3, 5}, {7, 7}, {8, 8}, {9, 33}, {28, 28}, {5, 70}, {1, 40}, {31, 1}};
        for (int[] size : sizes) {
            for (int kernel = 1; kernel <= 3; kernel++) {
                for (int stride = 1; stride <= 3; stride++) {
                    for (int padding = 0; padding <= kernel / 2; padding++) {
                        for (int dilation = 1; dilation <= 2; dilation++) {
                            for (boolean ceil : new boolean[] {false, true}) {
                                fixed(cases, size, kernel, stride, padding, dilation, ceil);
                            }
                        }
                    }
                }
            }
            for (int outputs : new int[] {1, 2, 3, 7}) {
                cases.add(new Case("adaptive " + outputs, size[0], size[1], new PoolSpec(
                        Windows.adaptive(size[0], outputs), Windows.adaptive(size[1], outputs), false)));
            }
        }
        return cases;
    }

    private static void fixed(
            List<Case> cases, int[] size, int kernel, int stride, int padding, int dilation, boolean ceil) {
        boolean row = size[0] == 1;
        int reach = dilation * (kernel - 1) + 1;
        // Padding below the reach of one dilated step would leave windows without a tap.
        if (reach > size[1] + 2 * padding || !row && reach > size[0] + 2 * padding || dilation > 1 && padding > 0) {
            return;
        }
        Windows rows = row ? Windows.fixed(1, 1, 1, 0, 1, ceil)
                : Windows.fixed(size[0], kernel, stride, padding, dilation, ceil);
        Windows cols = Windows.fixed(size[1], kernel, stride, padding, dilation, ceil);
        cases.add(new Case(
                "kernel " + kernel + " stride " + stride + " padding " + padding + " dilation " + dilation + " ceil "
                        + ceil,
                size[0], size[1], new PoolSpec(rows, cols, (kernel + stride) % 2 == 0)));
    }

    @Test
    void channelsLastLikeTheReference() {
        int seen = 0;
        try (Threads threads = Threads.of(2)) {
            PoolKernels pool = new VectorPool(threads);
            for (Case c : cases()) {
                int channels = seen % 3 == 0 ? 3 : seen % 3 == 1 ? 16 : 37;
                View x = random(seen++, 2, channels, c.h, c.w);
                View y = zeros(DType.F32, 2, channels, c.spec.height().count(), c.spec.width().count());
                View expected = zeros(DType.F32, y.dims());
                run(REFERENCE.max(c.spec, x, expected, null));
                View largest = last(random(7, y.dims()), seen % 2);
                run(pool.max(c.spec, last(x, seen % 2), largest, null));
                same(c.name + " max", largest, expected);
                run(REFERENCE.average(c.spec, x, expected));
                View means = last(random(7, y.dims()), seen % 2);
                run(pool.average(c.spec, last(x, seen % 2), means));
                near(c.name + " mean", means, expected, 1e-5);
            }
            View nan = random(1, 1, 20, 4, 4);
            nan.setDouble(5, Double.NaN);
            PoolSpec two = new PoolSpec(Windows.fixed(4, 2, 2, 0, 1, false), Windows.fixed(4, 2, 2, 0, 1, false), true);
            View expected = zeros(DType.F32, 1, 20, 2, 2);
            run(REFERENCE.max(two, nan, expected, null));
            View largest = last(zeros(DType.F32, 1, 20, 2, 2), 0);
            run(pool.max(two, last(nan, 0), largest, null));
            same("NaN", largest, expected);
        }
        assertThat(seen).isGreaterThan(300);
    }

    @Test
    void likeTheReference() {
        int seen = 0;
        try (Threads threads = Threads.of(2)) {
            PoolKernels pool = new VectorPool(threads);
            for (Case c : cases()) {
                View x = spaced(random(seen++, 2, 3, c.h, c.w));
                maximum(c, pool, x);
                average(c, pool, x);
            }
        }
        assertThat(seen).isGreaterThan(300);
    }

    private static void maximum(Case c, PoolKernels pool, View x) {
        // Few distinct values, so that ties decide; NaN and −Inf among them.
        for (int i = 0; i < x.dim(2) * x.dim(3); i++) {
            double v = Math.rint(3 * x.getDouble(i));
            x.setDouble(i, i % 11 == 5 ? Double.NaN : v == 3 ? Double.NEGATIVE_INFINITY : v);
        }
        int oh = c.spec.height().count();
        int ow = c.spec.width().count();
        View y = spaced(zeros(DType.F32, 2, 3, oh, ow));
        View at = zeros(DType.I64, 2, 3, oh, ow);
        View expected = zeros(DType.F32, 2, 3, oh, ow);
        View expectedAt = zeros(DType.I64, 2, 3, oh, ow);
        run(REFERENCE.max(c.spec, x, expected, expectedAt));
        run(pool.max(c.spec, x, y, at));
        same(c.toString(), y, expected);
        same(c + " positions", at, expectedAt);
        View plain = zeros(DType.F32, 2, 3, oh, ow);
        run(pool.max(c.spec, x, plain, null));
        same(c + " without positions", plain, expected);
        View gy = random(7, 2, 3, oh, ow);
        View gx = random(8, 2, 3, c.h, c.w);
        View expectedGx = zeros(DType.F32, 2, 3, c.h, c.w);
        run(REFERENCE.maxGradient(c.spec, at, gy, expectedGx));
        run(pool.maxGradient(c.spec, at, gy, gx));
        near(c + " gradient", gx, expectedGx, 1e-6);
    }

    private static void average(Case c, PoolKernels pool, View image) {
        View x = random(3, 2, 3, c.h, c.w);
        int oh = c.spec.height().count();
        int ow = c.spec.width().count();
        View y = zeros(DType.F32, 2, 3, oh, ow);
        View expected = zeros(DType.F32, 2, 3, oh, ow);
        run(REFERENCE.average(c.spec, x, expected));
        run(pool.average(c.spec, x, y));
        near(c + " average", y, expected, 1e-6);
        View gy = random(9, 2, 3, oh, ow);
        View expectedGx = zeros(DType.F32, 2, 3, c.h, c.w);
        run(REFERENCE.averageGradient(c.spec, gy, expectedGx));
        run(pool.averageGradient(c.spec, gy, image));
        near(c + " average gradient", image, expectedGx, 2e-6);
    }

    @Test
    void sameBitsOnAnyNumberOfThreads() {
        PoolSpec spec = new PoolSpec(
                Windows.fixed(29, 3, 2, 1, 1, false), Windows.fixed(31, 3, 2, 1, 1, false), true);
        View x = random(1, 16, 33, 29, 31);
        View gy = random(2, 16, 33, spec.height().count(), spec.width().count());
        View first = zeros(DType.F32, gy.dims());
        View firstGx = zeros(DType.F32, x.dims());
        for (int count : new int[] {1, 2, 3, 7}) {
            try (Threads threads = Threads.of(count)) {
                PoolKernels pool = new VectorPool(threads);
                View y = count == 1 ? first : zeros(DType.F32, gy.dims());
                View gx = count == 1 ? firstGx : zeros(DType.F32, x.dims());
                run(pool.average(spec, x, y));
                run(pool.averageGradient(spec, gy, gx));
                same("average on " + count, y, first);
                same("average gradient on " + count, gx, firstGx);
            }
        }
    }

    @Test
    void badInput() {
        try (Threads threads = Threads.of(1)) {
            PoolKernels pool = new VectorPool(threads);
            PoolSpec spec = new PoolSpec(
                    Windows.fixed(4, 2, 2, 0, 1, false), Windows.fixed(4, 2, 2, 0, 1, false), true);
            assertThatThrownBy(() -> pool.max(
                    spec, zeros(DType.F64, 1, 1, 4, 4), zeros(DType.F64, 1, 1, 2, 2), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maxPool: the vector kernels compute F32: F64[1, 1, 4, 4]; use Kernels.reference()");
            View at = zeros(DType.I64, 1, 1, 2, 2);
            at.setLong(2, 16);
            View gx = random(1, 1, 1, 4, 4);
            View before = random(1, 1, 1, 4, 4);
            assertThatThrownBy(() -> run(pool.maxGradient(spec, at, random(2, 1, 1, 2, 2), gx)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("16 at element 2");
            same("untouched", gx, before);
        }
    }
}
