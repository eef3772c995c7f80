package dev.gatun.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.reference.ReferenceSoftmax;
import dev.gatun.kernels.reference.Walk;
import dev.gatun.kernels.thread.Threads;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorSoftmaxTest {
    private final Tensors tensors = new Tensors(5);
    private final ReferenceSoftmax reference = new ReferenceSoftmax();

    private static VectorSoftmax kernels(Threads threads) {
        VectorPointwise pointwise = new VectorPointwise(threads, 512);
        return new VectorSoftmax(threads, pointwise, new VectorReduce(threads, 512, pointwise));
    }

    @Test
    void forwardAndGradientAlongEveryDim() {
        try (Threads threads = Threads.of(2)) {
            VectorSoftmax kernels = kernels(threads);
            for (int[] dims : new int[][] {{10}, {1, 1}, {64, 10}, {3, 1000}, {5, 17, 33}, {2, 0, 3}, {1, 70000}}) {
                for (DType dtype : List.of(DType.F32, DType.F64)) {
                    for (View x : List.of(tensors.dense(dtype, dims), tensors.reversed(dtype, dims))) {
                        for (int d = 0; d < dims.length; d++) {
                            check(kernels, x, d, false);
                            check(kernels, x, d, true);
                        }
                    }
                }
            }
        }
    }

    private void check(VectorSoftmax kernels, View x, int dim, boolean log) {
        View y = tensors.dense(x.dtype(), x.dims());
        View expected = tensors.dense(DType.F64, x.dims());
        View wide = tensors.strided(DType.F64, x.dims(), x.strides());
        for (Walk w = Walk.over(x.dims(), x.strides()); w.next();) {
            wide.setDouble(w.at(0), x.getDouble(w.at(0)));
        }
        tensors.run(kernels.softmax(x, y, dim, log));
        tensors.run(reference.softmax(wide, expected, dim, log));
        double tolerance = x.dtype() == DType.F32 ? 1e-6 : 1e-14;
        Tensors.close(y, expected, tolerance, tolerance * 1e-1);
        View gy = tensors.dense(x.dtype(), x.dims());
        View gx = tensors.dense(x.dtype(), x.dims());
        View gw = tensors.dense(x.dtype(), x.dims());
        tensors.run(kernels.gradient(y, gy, gx, dim, log));
        tensors.run(reference.gradient(y, gy, gw, dim, log));
        Tensors.close(gx, gw, 4 * tolerance, 20 * tolerance);
        tensors.run(kernels.gradient(y, gy, gy, dim, log));
        Tensors.same(gy, gx);
    }

    @Test
    void inPlaceInfinitiesAndNaN() {
        VectorSoftmax kernels = kernels(Threads.of(1));
        View x = tensors.dense(DType.F32, 3, 20);
        for (int i = 0; i < 20; i++) {
            x.setDouble(20 + i, Double.NEGATIVE_INFINITY);
        }
        x.setDouble(3, Double.NEGATIVE_INFINITY);
        x.setDouble(45, Double.NaN);
        tensors.run(kernels.softmax(x, x, 1, false));
        assertThat(x.getDouble(3)).isZero();
        for (int i = 0; i < 20; i++) {
            assertThat(x.getDouble(20 + i)).isNaN();
            assertThat(x.getDouble(40 + i)).isNaN();
        }
    }

    @Test
    void sameBitsForAnyNumberOfThreads() {
        View x = tensors.dense(DType.F32, 257, 100);
        View first = tensors.dense(DType.F32, 257, 100);
        tensors.run(kernels(Threads.of(1)).softmax(x, first, 1, false));
        for (int n : new int[] {1, 2, 3, 7}) {
            try (Threads threads = Threads.of(n)) {
                var call = kernels(threads).softmax(x, tensors.dense(DType.F32, 257, 100), 1, false);
                tensors.run(call);
                View again = tensors.dense(DType.F32, 257, 100);
                tensors.run(kernels(threads).softmax(x, again, 1, false));
                Tensors.same(again, first);
            }
        }
    }
}
