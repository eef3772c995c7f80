package dev.gatun.kernels.norm;

import static dev.gatun.kernels.image.Numbers.near;
import static dev.gatun.kernels.image.Numbers.random;
import static dev.gatun.kernels.image.Numbers.run;
import static dev.gatun.kernels.image.Numbers.same;
import static dev.gatun.kernels.image.Numbers.zeros;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.image.Numbers;
import dev.gatun.kernels.thread.Threads;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VectorNormTest {
    private static final NormKernels REFERENCE = Kernels.reference().norm();
    private static final double EPS = 1e-5;

    /// Everything one case computes.
    private record Outcome(View y, View mean, View variance, View gx, View ggamma, View gbeta) {
        static Outcome of(NormKernels kernels, View x, View gamma, View beta, View gy) {
            int c = gamma.dim(0);
            Outcome o = new Outcome(
                    zeros(DType.F32, x.dims()), zeros(DType.F32, c), zeros(DType.F32, c), zeros(DType.F32, x.dims()),
                    zeros(DType.F32, c), zeros(DType.F32, c));
            run(kernels.batchNorm(x, gamma, beta, EPS, o.y, o.mean, o.variance));
            run(kernels.batchNormGradient(x, gamma, o.mean, o.variance, EPS, gy, o.gx, o.ggamma, o.gbeta));
            return o;
        }
    }

    private static View shifted(long seed, int... dims) {
        View v = random(seed, dims);
        for (int i = 0; i < v.count(); i++) {
            v.setDouble(i, v.getDouble(i) + 3);
        }
        return v;
    }

    @Test
    void likeTheReference() {
        int[][] sizes = {
            {2, 1, 1}, {1, 3, 2}, {3, 5, 1}, {64, 10, 1}, {300, 37, 1}, {2, 4, 3}, {4, 3, 16}, {4, 3, 31}, {3, 2, 49},
            {64, 8, 64}, {2, 2, 12544}, {5, 0, 4}, {1, 2, 1009}
        };
        try (Threads threads = Threads.of(2)) {
            NormKernels norm = new VectorNorm(threads);
            for (int[] size : sizes) {
                View x = shifted(1, size);
                View gamma = shifted(2, size[1]);
                View beta = random(3, size[1]);
                View gy = random(4, size);
                Outcome actual = Outcome.of(norm, x, gamma, beta, gy);
                Outcome expected = Outcome.of(REFERENCE, x, gamma, beta, gy);
                String what = Arrays.toString(size);
                int m = size[0] * size[2];
                near(what + " y", actual.y, expected.y, 3e-5);
                near(what + " mean", actual.mean, expected.mean, 2e-6);
                near(what + " variance", actual.variance, expected.variance, 2e-6);
                double scale = m < 4 ? 50 : 1;
                near(what + " gx", actual.gx, expected.gx, 1e-4 * scale);
                near(what + " ggamma", actual.ggamma, expected.ggamma, 3e-5 * Math.sqrt(m) * scale);
                near(what + " gbeta", actual.gbeta, expected.gbeta, 1e-6 * m);
            }
        }
    }

    @Test
    void stridedAndInPlace() {
        try (Threads threads = Threads.of(1)) {
            NormKernels norm = new VectorNorm(threads);
            View image = random(1, 3, 8, 5, 6);
            View x = Numbers.spaced(image);
            View rows = x.restride(0, new int[] {3, 8, 30}, new int[] {x.stride(0), x.stride(1), 1});
            View gamma = shifted(2, 8);
            View beta = random(3, 8);
            View dense = image.restride(0, new int[] {3, 8, 30}, new int[] {240, 30, 1});
            View y = zeros(DType.F32, 3, 8, 30);
            run(norm.batchNorm(dense, gamma, beta, EPS, y, zeros(DType.F32, 8), zeros(DType.F32, 8)));
            run(norm.batchNorm(rows, gamma, beta, EPS, rows, zeros(DType.F32, 8), zeros(DType.F32, 8)));
            same("in place and strided", rows, y);
            View turned = random(5, 20, 40).restride(0, new int[] {40, 20, 1}, new int[] {1, 40, 1});
            View out = zeros(DType.F32, 40, 20, 1);
            View expected = zeros(DType.F32, 40, 20, 1);
            View g = shifted(2, 20);
            View b = random(3, 20);
            run(norm.batchNorm(turned, g, b, EPS, out, zeros(DType.F32, 20), zeros(DType.F32, 20)));
            run(REFERENCE.batchNorm(turned, g, b, EPS, expected, zeros(DType.F32, 20), zeros(DType.F32, 20)));
            near("channels apart", out, expected, 1e-5);
        }
    }

    @Test
    void sameBitsOnAnyNumberOfThreads() {
        for (int[] size : new int[][] {{32, 70, 49}, {200, 300, 1}}) {
            View x = random(1, size);
            View gamma = random(2, size[1]);
            View beta = random(3, size[1]);
            View gy = random(4, size);
            Outcome first = null;
            for (int count : new int[] {1, 2, 3, 7}) {
                try (Threads threads = Threads.of(count)) {
                    Outcome o = Outcome.of(new VectorNorm(threads), x, gamma, beta, gy);
                    first = first == null ? o : first;
                    same("y", o.y, first.y);
                    same("variance", o.variance, first.variance);
                    same("gx", o.gx, first.gx);
                    same("ggamma", o.ggamma, first.ggamma);
                }
            }
        }
    }

    @Test
    void badInput() {
        try (Threads threads = Threads.of(1)) {
            NormKernels norm = new VectorNorm(threads);
            View c = zeros(DType.F64, 2);
            View x = zeros(DType.F64, 3, 2, 4);
            assertThatThrownBy(() -> norm.batchNorm(x, c, c, EPS, x, zeros(DType.F64, 2), zeros(DType.F64, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("batchNorm: the vector kernels compute F32: F64[3, 2, 4]; use Kernels.reference()");
            View one = zeros(DType.F32, 1, 2, 1);
            View f = zeros(DType.F32, 2);
            assertThatThrownBy(() -> norm.batchNorm(one, f, f, EPS, one, zeros(DType.F32, 2), zeros(DType.F32, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("more than one value per channel");
        }
    }
}
