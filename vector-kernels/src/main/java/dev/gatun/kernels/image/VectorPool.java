package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PoolKernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.PoolCheck;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Pooling with SIMD, F32: planes, spread over the threads by whole planes, or images that lie channels last, spread by
/// rows, so that every result has the same bits for any number of threads.
public final class VectorPool implements PoolKernels {
    private final Threads threads;

    /// Pooling on these threads.
    public VectorPool(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call max(PoolSpec spec, View x, View y, @Nullable View indices) {
        PoolCheck.max(spec, x, y, indices);
        if (indices == null && isChannelsLast(x, y)) {
            return pixels("maxPool", spec, x, y, true);
        }
        Planes from = Planes.of("maxPool", x);
        Planes to = Planes.of("maxPool", y);
        Planes where = indices == null ? null : Planes.indices(indices);
        Axis rows = new Axis(from.h(), spec.height());
        Axis cols = new Axis(from.w(), spec.width());
        return new MaxPool(threads, from, to, where, rows, cols);
    }

    @Override
    public Call maxGradient(PoolSpec spec, View indices, View gy, View gx) {
        PoolCheck.maxGradient(spec, indices, gy, gx);
        String op = "maxPoolGradient";
        return new MaxPoolGradient(threads, Planes.indices(indices), Planes.of(op, gy), Planes.of(op, gx));
    }

    @Override
    public Call average(PoolSpec spec, View x, View y) {
        PoolCheck.average(spec, x, y);
        if (isChannelsLast(x, y)) {
            return pixels("averagePool", spec, x, y, false);
        }
        return average("averagePool", spec, x, y, false);
    }

    @Override
    public Call averageGradient(PoolSpec spec, View gy, View gx) {
        PoolCheck.averageGradient(spec, gy, gx);
        return average("averagePoolGradient", spec, gx, gy, true);
    }

    private static boolean isChannelsLast(View x, View y) {
        return !(ImageLayout.PLANES.holds(x) && ImageLayout.PLANES.holds(y));
    }

    private Call pixels(String op, PoolSpec spec, View x, View y, boolean max) {
        Planes.requireF32(op, x);
        Axis rows = new Axis(x.dim(2), spec.height());
        Axis cols = new Axis(x.dim(3), spec.width());
        return new PixelPool(threads, x, y, rows, cols, max, spec.countPadding());
    }

    private Call average(String op, PoolSpec spec, View image, View mean, boolean gradient) {
        Planes images = Planes.of(op, image);
        Planes means = Planes.of(op, mean);
        Axis rows = new Axis(images.h(), spec.height());
        Axis cols = new Axis(images.w(), spec.width());
        return new AveragePool(threads, images, means, rows, cols, spec.countPadding(), gradient);
    }
}
