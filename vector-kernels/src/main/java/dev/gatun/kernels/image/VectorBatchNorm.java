package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.NormCheck;
import dev.gatun.kernels.thread.Threads;

/// Batch normalisation with SIMD: F32, spread over the threads by whole channels, so that every result has the same
/// bits for any number of threads.
public final class VectorBatchNorm {
    private final Threads threads;

    /// Normalisation on these threads.
    public VectorBatchNorm(Threads threads) {
        this.threads = threads;
    }

    /// See [dev.gatun.kernels.NormKernels#batchNorm].
    public Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance) {
        NormCheck.batchNorm(x, gamma, beta, y, mean, variance);
        String op = "batchNorm";
        return new BatchNorm(threads, Channels.of(op, "x", x), Channels.vector(gamma), Channels.vector(beta), eps,
                Channels.of(op, "y", y), Channels.vector(mean), Channels.vector(variance));
    }

    /// See [dev.gatun.kernels.NormKernels#batchNormGradient].
    public Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta) {
        NormCheck.batchNormGradient(x, gamma, mean, variance, gy, gx, ggamma, gbeta);
        String op = "batchNormGradient";
        return new BatchNormGradient(threads, Channels.of(op, "x", x), Channels.vector(gamma), Channels.vector(mean),
                Channels.vector(variance), eps, Channels.of(op, "gy", gy), Channels.of(op, "gx", gx),
                Channels.vector(ggamma), Channels.vector(gbeta));
    }
}
