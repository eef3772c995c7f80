package dev.gatun.kernels;

import org.jspecify.annotations.Nullable;

/// Normalisation. Batch norm works on `[n, c, l]` (images come with h·w as l), statistics per channel; layer norm and RMS
/// norm on rows `[m, n]`, statistics per row. Views may be strided in all dims but the last, which is contiguous, else
/// the call throws. The fast layer and RMS norm of F64 are those of the reference: F64 is for checks.
public interface NormKernels {
    /// Training: `mean` and biased `variance` of each channel (two passes, over n and l), `y = (x − mean) ·
    /// (variance + eps)^−½ · gamma + beta`. `gamma`, `beta`, `mean`, `variance` are `[c]`.
    Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance);

    /// Gradients of the training form, all overwritten: with `x̂ = (x − mean)·s`, `s = (variance + eps)^−½`,
    /// `gbeta = Σ gy`, `ggamma = Σ gy·x̂`, `gx = gamma·s·(gy − gbeta/m − x̂·ggamma/m)`, m = n·l.
    Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta);

    /// Layer norm (Ba and others, 2016): `mean` and `scale = (variance + eps)^−½` of each row, variance biased and in
    /// two passes, `y = (x − mean)·scale·weight + bias`. `weight` and `bias` are `[n]`, or null for 1 and 0; `mean` and
    /// `scale` are `[m]`. `y` may be `x`. A row without elements has mean and scale NaN.
    Call layerNorm(View x, @Nullable View weight, @Nullable View bias, double eps, View y, View mean, View scale);

    /// Gradients of [#layerNorm], all overwritten: with `x̂ = (x − mean)·scale` and `h = gy·weight`,
    /// `gx = scale·(h − Σh/n − x̂·Σ(h·x̂)/n)`, `gweight = Σ gy·x̂` and `gbias = Σ gy` over the rows, each null where
    /// nobody asks. `gx` may be `gy` or `x`.
    Call layerNormGradient(
            View x, @Nullable View weight, View mean, View scale, View gy, View gx, @Nullable View gweight,
            @Nullable View gbias);

    /// RMS norm (Zhang and Sennrich, 2019): `scale = (Σx²/n + eps)^−½` of each row, `y = x·scale·weight`; as
    /// [#layerNorm] with mean and bias 0.
    Call rmsNorm(View x, @Nullable View weight, double eps, View y, View scale);

    /// Gradients of [#rmsNorm]: `gx = scale·(h − x̂·Σ(h·x̂)/n)` with `x̂ = x·scale`, `gweight = Σ gy·x̂`.
    Call rmsNormGradient(View x, @Nullable View weight, View scale, View gy, View gx, @Nullable View gweight);
}
