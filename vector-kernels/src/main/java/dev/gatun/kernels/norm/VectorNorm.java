package dev.gatun.kernels.norm;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.NormCheck;
import dev.gatun.kernels.image.VectorBatchNorm;
import dev.gatun.kernels.reference.ReferenceNorm;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Normalisation with SIMD, spread over the threads by whole channels or rows, so that every result has the same bits for
/// any number of threads. Batch norm is F32; layer and RMS norm of F64 are the reference's.
public final class VectorNorm implements NormKernels {
    private final Threads threads;
    private final VectorBatchNorm batch;

    /// Normalisation on these threads.
    public VectorNorm(Threads threads) {
        this.threads = threads;
        batch = new VectorBatchNorm(threads);
    }

    @Override
    public Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance) {
        return batch.batchNorm(x, gamma, beta, eps, y, mean, variance);
    }

    @Override
    public Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta) {
        return batch.batchNormGradient(x, gamma, mean, variance, eps, gy, gx, ggamma, gbeta);
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
