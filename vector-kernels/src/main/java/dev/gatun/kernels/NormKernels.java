package dev.gatun.kernels;

/// Batch normalisation over `[n, c, l]` (images come with h·w as l), statistics per channel. Views may be
/// strided in n and c, contiguous in l, else the call throws.
public interface NormKernels {
    /// Training: `mean` and biased `variance` of each channel (two passes, over n and l), `y = (x − mean) ·
    /// (variance + eps)^−½ · gamma + beta`. `gamma`, `beta`, `mean`, `variance` are `[c]`.
    Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance);

    /// Gradients of the training form, all overwritten: with `x̂ = (x − mean)·s`, `s = (variance + eps)^−½`,
    /// `gbeta = Σ gy`, `ggamma = Σ gy·x̂`, `gx = gamma·s·(gy − gbeta/m − x̂·ggamma/m)`, m = n·l.
    Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta);
}
