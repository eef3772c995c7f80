package dev.gatun.kernels;

/// How attention weighs: `softmax(scale·Q·Kᵀ + mask)`, then dropout.
///
/// @param scale factor of the products, usually `1/√d`
/// @param causal query i sees the keys 0 … i only
/// @param dropout probability with which a weight becomes 0, the others being divided by `1 − dropout`
/// @param seed of the Philox stream that drops (see [RandomKernels])
/// @param offset where in the stream: the weight of query i and key j of head h in batch b is kept when word
///     `offset + ((b·heads + h)·tq + i)·tk + j` times 2⁻³² is below `1 − dropout`, as [RandomKernels#bernoulli] decides
public record AttentionSpec(double scale, boolean causal, double dropout, long seed, long offset) {
    /// Checks scale and probability.
    public AttentionSpec {
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("attention: the scale must be finite: " + scale);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("attention: the dropout probability must be in [0, 1): " + dropout);
        }
    }

    /// Without dropout.
    public static AttentionSpec of(double scale, boolean causal) {
        return new AttentionSpec(scale, causal, 0, 0, 0);
    }
}
