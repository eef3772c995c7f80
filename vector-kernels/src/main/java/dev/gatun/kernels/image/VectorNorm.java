package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.NormCheck;
import dev.gatun.kernels.norm.RowNorm;
import dev.gatun.kernels.norm.RowNormGradient;
import dev.gatun.kernels.reference.ReferenceNorm;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Normalisation with SIMD, spread over the threads by whole channels or rows, so that every result has the same bits for
/// any number of threads. Batch norm is F32; layer and RMS norm of F64 are the reference's.
public final class VectorNorm implements NormKernels {
    private final Threads threads;

    /// Normalisation on these threads.
    public VectorNorm(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance) {
        NormCheck.batchNorm(x, gamma, beta, y, mean, variance);
        String op = "batchNorm";
        return new BatchNorm(threads, Channels.of(op, "x", x), Channels.vector(gamma), Channels.vector(beta), eps,
                Channels.of(op, "y", y), Channels.vector(mean), Channels.vector(variance));
    }

    @Override
    public Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta) {
        NormCheck.batchNormGradient(x, gamma, mean, variance, gy, gx, ggamma, gbeta);
        String op = "batchNormGradient";
        return new BatchNormGradient(threads, Channels.of(op, "x", x), Channels.vector(gamma), Channels.vector(mean),
                Channels.vector(variance), eps, Channels.of(op, "gy", gy), Channels.of(op, "gx", gx),
                Channels.vector(ggamma), Channels.vector(gbeta));
    }

    @Override
    public Call layerNorm(
            View x, @Nullable View weight, @Nullable View bias, double eps, View y, View mean, View scale) {
        if (x.dtype() != DType.F32) {
            return new ReferenceNorm().layerNorm(x, weight, bias, eps, y, mean, scale);
        }
        NormCheck.rows("layerNorm", x, weight, bias, y, mean, scale);
        return new RowNorm(threads, x, weight, bias, eps, y, mean, scale);
    }

    @Override
    public Call layerNormGradient(
            View x, @Nullable View weight, View mean, View scale, View gy, View gx, @Nullable View gweight,
            @Nullable View gbias) {
        if (x.dtype() != DType.F32) {
            return new ReferenceNorm().layerNormGradient(x, weight, mean, scale, gy, gx, gweight, gbias);
        }
        NormCheck.rowsGradient("layerNormGradient", x, weight, mean, scale, gy, gx, gweight, gbias);
        return new RowNormGradient(threads, x, weight, mean, scale, gy, gx, gweight, gbias);
    }

    @Override
    public Call rmsNorm(View x, @Nullable View weight, double eps, View y, View scale) {
        if (x.dtype() != DType.F32) {
            return new ReferenceNorm().rmsNorm(x, weight, eps, y, scale);
        }
        NormCheck.rows("rmsNorm", x, weight, null, y, null, scale);
        return new RowNorm(threads, x, weight, null, eps, y, null, scale);
    }

    @Override
    public Call rmsNormGradient(
            View x, @Nullable View weight, View scale, View gy, View gx, @Nullable View gweight) {
        if (x.dtype() != DType.F32) {
            return new ReferenceNorm().rmsNormGradient(x, weight, scale, gy, gx, gweight);
        }
        NormCheck.rowsGradient("rmsNormGradient", x, weight, null, scale, gy, gx, gweight, null);
        return new RowNormGradient(threads, x, weight, null, scale, gy, gx, gweight, null);
    }
}
