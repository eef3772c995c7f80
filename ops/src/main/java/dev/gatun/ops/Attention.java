package dev.gatun.ops;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Options of [#apply], PyTorch's `scaled_dot_product_attention` with grouped queries: `softmax(q·kᵀ·scale + mask)·v`
/// without ever storing the weights.
///
/// ```java
/// // given: Tensor q, Tensor k, Tensor v
/// Tensor y = Attention.DEFAULT.asCausal().apply(q, k, v);
/// ```
///
/// @param mask null, or what is added to the scaled products: floating-point, or BOOL with true where a key may be seen;
///     broadcasts to `[n, heads, tq, tk]`; has no gradient
/// @param padding null, or BOOL `[n, tk]`, true for keys that nobody sees
/// @param causal query i sees the keys 0 … i
/// @param scale null for `1/√d`
/// @param dropout probability with which weights are dropped, 0 for none
/// @param generator of the dropped weights; needed with dropout
public record Attention(
        @Nullable Tensor mask,
        @Nullable Tensor padding,
        boolean causal,
        @Nullable Double scale,
        double dropout,
        @Nullable Generator generator) {
    /// Everybody sees everything.
    public static final Attention DEFAULT = new Attention(null, null, false, null, 0, null);

    /// With a mask.
    public Attention withMask(Tensor newMask) {
        return new Attention(newMask, padding, causal, scale, dropout, generator);
    }

    /// With keys that nobody sees.
    public Attention withPadding(Tensor newPadding) {
        return new Attention(mask, newPadding, causal, scale, dropout, generator);
    }

    /// No query sees later keys.
    public Attention asCausal() {
        return new Attention(mask, padding, true, scale, dropout, generator);
    }

    /// With another factor than `1/√d`.
    public Attention withScale(double newScale) {
        return new Attention(mask, padding, causal, newScale, dropout, generator);
    }

    /// With dropped weights.
    public Attention withDropout(double p, Generator newGenerator) {
        return new Attention(mask, padding, causal, scale, p, newGenerator);
    }

    /// Attention of q `[n, heads, tq, d]` to k `[n, kvHeads, tk, d]` and v `[n, kvHeads, tk, dv]`, heads a multiple of
    /// kvHeads: `[n, heads, tq, dv]`. A query that sees no key gives 0.
    public Tensor apply(Tensor q, Tensor k, Tensor v) {
        if (q.rank() != 4) {
            throw new IllegalArgumentException("scaledDotProductAttention: needs q [n, heads, tq, d]: " + q.shape());
        }
        List<Tensor> operands = new ArrayList<>(List.of(rows(q), rows(k), rows(v)));
        Tensor m = mask;
        if (m != null) {
            operands.add(m.dtype() == DType.BOOL ? additive(m, q) : m);
        }
        if (padding != null) {
            operands.add(padding);
        }
        return Tensor.apply(new ScaledDotProductAttention(spec(q, k), m != null, padding != null, false),
                operands.toArray(Tensor[]::new)).getFirst().permute(0, 2, 1, 3);
    }

    private AttentionSpec spec(Tensor q, Tensor k) {
        double factor = scale == null ? 1 / Math.sqrt(Math.max(1, q.size(3))) : scale;
        if (dropout == 0) {
            return AttentionSpec.of(factor, causal);
        }
        if (generator == null) {
            throw new IllegalArgumentException("scaledDotProductAttention: dropout needs a generator: " + dropout);
        }
        Generator.State from = generator.take((long) q.size(0) * q.size(1) * q.size(2) * k.size(-2));
        return new AttentionSpec(factor, causal, dropout, from.seed(), from.position());
    }

    /// 0 where the mask is true, −∞ elsewhere.
    private static Tensor additive(Tensor seen, Tensor like) {
        return seen.engine().call(() -> Tensor.where(seen, Tensor.zeros(like.dtype(), Shape.SCALAR),
                Tensor.full(like.dtype(), Shape.SCALAR, Double.NEGATIVE_INFINITY)));
    }

    /// Kernels read rows; any other strides are fine.
    private static Tensor rows(Tensor x) {
        return x.rank() == 0 || x.size(-1) <= 1 || x.view().stride(x.rank() - 1) == 1 ? x : x.contiguous();
    }
}
