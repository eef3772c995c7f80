package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PoolKernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Pooling with SIMD: F32 planes, spread over the threads by whole planes, so that every result has the same bits for
/// any number of threads.
public final class VectorPool implements PoolKernels {
    private final Threads threads;

    /// Pooling on these threads.
    public VectorPool(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call max(PoolSpec spec, View x, View y, @Nullable View indices) {
        Planes from = Planes.of("maxPool", "x", x, DType.F32);
        Planes to = Planes.of("maxPool", "y", y, DType.F32);
        check("maxPool", spec, "x", x, "y", y);
        Planes where = null;
        if (indices != null) {
            where = Planes.of("maxPool", "indices", indices, DType.I64);
            requireSame("maxPool", "indices", indices, "y", y);
        }
        Axis rows = new Axis("maxPool", from.h(), spec.height());
        Axis cols = new Axis("maxPool", from.w(), spec.width());
        requireTaps("rows", rows);
        requireTaps("columns", cols);
        return new MaxPool(threads, from, to, where, rows, cols);
    }

    @Override
    public Call maxGradient(PoolSpec spec, View indices, View gy, View gx) {
        Planes where = Planes.of("maxPool gradient", "indices", indices, DType.I64);
        Planes from = Planes.of("maxPool gradient", "gy", gy, DType.F32);
        Planes to = Planes.of("maxPool gradient", "gx", gx, DType.F32);
        check("maxPool gradient", spec, "gx", gx, "gy", gy);
        requireSame("maxPool gradient", "indices", indices, "gy", gy);
        return new MaxPoolGradient(threads, where, from, to);
    }

    @Override
    public Call average(PoolSpec spec, View x, View y) {
        return average("averagePool", spec, "x", x, "y", y, false);
    }

    @Override
    public Call averageGradient(PoolSpec spec, View gy, View gx) {
        return average("averagePool gradient", spec, "gx", gx, "gy", gy, true);
    }

    private Call average(
            String op, PoolSpec spec, String imageName, View image, String meanName, View mean, boolean gradient) {
        Planes images = Planes.of(op, imageName, image, DType.F32);
        Planes means = Planes.of(op, meanName, mean, DType.F32);
        check(op, spec, imageName, image, meanName, mean);
        Axis rows = new Axis(op, images.h(), spec.height());
        Axis cols = new Axis(op, images.w(), spec.width());
        return new AveragePool(threads, images, means, rows, cols, spec.countPadding(), gradient);
    }

    private static void check(String op, PoolSpec spec, String imageName, View image, String outName, View out) {
        if (image.dim(0) != out.dim(0) || image.dim(1) != out.dim(1) || out.dim(2) != spec.height().count()
                || out.dim(3) != spec.width().count()) {
            throw new IllegalArgumentException(op + ": " + outName + " must be [n, c, " + spec.height().count() + ", "
                    + spec.width().count() + "] with n and c of " + imageName + ": " + imageName + " " + image + ", "
                    + outName + " " + out);
        }
    }

    private static void requireSame(String op, String aName, View a, String bName, View b) {
        for (int i = 0; i < 4; i++) {
            if (a.dim(i) != b.dim(i)) {
                throw new IllegalArgumentException(op + ": " + aName + " must have the shape of " + bName + ": "
                        + aName + " " + a + ", " + bName + " " + b);
            }
        }
    }

    private static void requireTaps(String dim, Axis axis) {
        for (int i = 0; i < axis.count; i++) {
            if (axis.taps(i) == 0) {
                throw new IllegalArgumentException("maxPool: a window needs a tap inside the input: window " + i
                        + " of the " + dim + " starts at " + axis.start[i] + ", input " + axis.length);
            }
        }
    }
}
