package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;

/// Batch normalisation with SIMD: F32, spread over the threads by whole channels, so that every result has the same
/// bits for any number of threads.
public final class VectorNorm implements NormKernels {
    private final Threads threads;

    /// Normalisation on these threads.
    public VectorNorm(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance) {
        String op = "batchNorm";
        Channels from = Channels.of(op, "x", x);
        Channels to = Channels.of(op, "y", y);
        requireSame(op, "y", to, y, from, x);
        requireValues(op, from, x);
        int c = from.c();
        return new BatchNorm(threads, from, Channels.vector(op, "gamma", gamma, c),
                Channels.vector(op, "beta", beta, c), eps, to, Channels.vector(op, "mean", mean, c),
                Channels.vector(op, "variance", variance, c));
    }

    @Override
    public Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta) {
        String op = "batchNorm gradient";
        Channels image = Channels.of(op, "x", x);
        Channels from = Channels.of(op, "gy", gy);
        Channels to = Channels.of(op, "gx", gx);
        requireSame(op, "gy", from, gy, image, x);
        requireSame(op, "gx", to, gx, image, x);
        requireValues(op, image, x);
        int c = image.c();
        return new BatchNormGradient(threads, image, Channels.vector(op, "gamma", gamma, c),
                Channels.vector(op, "mean", mean, c), Channels.vector(op, "variance", variance, c), eps, from, to,
                Channels.vector(op, "ggamma", ggamma, c), Channels.vector(op, "gbeta", gbeta, c));
    }

    private static void requireSame(String op, String name, Channels a, View v, Channels x, View image) {
        if (a.n() != x.n() || a.c() != x.c() || a.l() != x.l()) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must have the shape of x: " + name + " " + v + ", x " + image);
        }
    }

    private static void requireValues(String op, Channels x, View v) {
        if (x.c() > 0 && (long) x.n() * x.l() < 2) {
            throw new IllegalArgumentException(
                    op + ": training needs more than one value per channel: x " + v + " has " + (long) x.n() * x.l());
        }
    }
}
