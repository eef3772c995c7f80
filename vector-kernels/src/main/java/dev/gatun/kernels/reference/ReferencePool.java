package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.PoolKernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.PoolCheck;
import org.jspecify.annotations.Nullable;

/// maths: largest value or mean of each window; gradients to the largest, or evenly to the window.
/// layout: any strides; in gradients planes, any strides in n and c.
/// blocking and why: gradients go through one plane of doubles, as windows overlap.
/// registers: one double accumulator.
/// evidence: this is the definition; checked on worked examples and against finite differences in the tests.
public final class ReferencePool implements PoolKernels {
    @Override
    public Call max(PoolSpec spec, View x, View y, @Nullable View indices) {
        PoolCheck.max(spec, x, y, indices);
        int[] none = new int[4];
        return _ -> {
            int w = x.dim(3);
            for (Walk walk = walk(y, x, indices == null ? none : indices.strides()); walk.next();) {
                double best = Double.NEGATIVE_INFINITY;
                int where = -1;
                for (Taps t = new Taps(spec, walk, x); t.next();) {
                    double v = x.getDouble(walk.at(1) + t.at);
                    if (where < 0 || v > best || (Double.isNaN(v) && !Double.isNaN(best))) {
                        best = v;
                        where = t.i * w + t.j;
                    }
                }
                y.setDouble(walk.at(0), best);
                if (indices != null) {
                    indices.setLong(walk.at(2), where);
                }
            }
        };
    }

    @Override
    public Call maxGradient(PoolSpec spec, View indices, View gy, View gx) {
        PoolCheck.maxGradient(spec, indices, gy, gx);
        int plane = gx.dim(2) * gx.dim(3);
        return _ -> {
            for (Walk walk = Walk.over(indices.dims(), indices.strides()); walk.next();) {
                PoolCheck.position(indices.getLong(walk.at(0)), (int) walk.position(), plane);
            }
            double[] sums = new double[plane];
            for (Walk image = images(gx, gy, indices); image.next();) {
                java.util.Arrays.fill(sums, 0);
                for (int e = 0; e < gy.dim(2) * gy.dim(3); e++) {
                    sums[(int) indices.getLong(image.at(2) + e)] += gy.getDouble(image.at(1) + e);
                }
                store(sums, gx, image.at(0));
            }
        };
    }

    @Override
    public Call average(PoolSpec spec, View x, View y) {
        PoolCheck.average(spec, x, y);
        return _ -> {
            for (Walk walk = walk(y, x, new int[4]); walk.next();) {
                double sum = 0;
                int n = 0;
                for (Taps t = new Taps(spec, walk, x); t.next(); n++) {
                    sum += x.getDouble(walk.at(1) + t.at);
                }
                y.setDouble(walk.at(0), sum / divisor(spec, walk, n));
            }
        };
    }

    @Override
    public Call averageGradient(PoolSpec spec, View gy, View gx) {
        PoolCheck.averageGradient(spec, gy, gx);
        return _ -> {
            double[] sums = new double[gx.dim(2) * gx.dim(3)];
            for (Walk image = images(gx, gy, gy); image.next();) {
                java.util.Arrays.fill(sums, 0);
                int[] window = {1, 1, gy.dim(2), gy.dim(3)};
                for (Walk walk = Walk.over(window, gy.strides()); walk.next();) {
                    int n = 0;
                    for (Taps t = new Taps(spec, walk, gx); t.next();) {
                        n++;
                    }
                    double share = gy.getDouble(image.at(1) + walk.at(0)) / divisor(spec, walk, n);
                    for (Taps t = new Taps(spec, walk, gx); t.next();) {
                        sums[t.i * gx.dim(3) + t.j] += share;
                    }
                }
                store(sums, gx, image.at(0));
            }
        };
    }

    private static int divisor(PoolSpec spec, Walk walk, int inside) {
        return spec.countPadding()
                ? spec.height().padded()[walk.coordinate(2)] * spec.width().padded()[walk.coordinate(3)]
                : inside;
    }

    /// Over the outputs; pattern 1 stays at the start of the image in `x`.
    private static Walk walk(View y, View x, int[] third) {
        return Walk.over(y.dims(), y.strides(), new int[] {x.stride(0), x.stride(1), 0, 0}, third);
    }

    private static Walk images(View gx, View gy, View indices) {
        int[] dims = {gx.dim(0), gx.dim(1)};
        return Walk.over(dims, gx.strides(), gy.strides(), indices.strides());
    }

    private static void store(double[] sums, View gx, long start) {
        for (int e = 0; e < sums.length; e++) {
            gx.setDouble(start + e, sums[e]);
        }
    }

    /// The taps of one window that lie inside the image, in row-major order.
    private static final class Taps {
        private final PoolSpec spec;
        private final View image;
        private final int oh;
        private final int ow;
        private int u;
        private int v = -1;
        int i;
        int j;
        long at;

        Taps(PoolSpec spec, Walk output, View image) {
            this.spec = spec;
            this.image = image;
            this.oh = output.coordinate(2);
            this.ow = output.coordinate(3);
        }

        boolean next() {
            while (true) {
                if (++v == spec.width().size()[ow]) {
                    v = 0;
                    u++;
                }
                if (u >= spec.height().size()[oh]) {
                    return false;
                }
                i = spec.height().start()[oh] + u * spec.height().dilation();
                j = spec.width().start()[ow] + v * spec.width().dilation();
                if (i >= 0 && i < image.dim(2) && j >= 0 && j < image.dim(3)) {
                    at = (long) i * image.stride(2) + (long) j * image.stride(3);
                    return true;
                }
            }
        }
    }
}
