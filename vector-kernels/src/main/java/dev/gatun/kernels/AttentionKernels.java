package dev.gatun.kernels;

import org.jspecify.annotations.Nullable;

/// Scaled dot product attention (Vaswani and others, 2017) and its gradients, in memory that grows with the number of
/// queries and keys and never with their product (Dao and others, 2022).
///
/// q `[batch, heads, tq, d]`, k `[batch, kvHeads, tk, d]`, v `[batch, kvHeads, tk, dv]`, heads a multiple of kvHeads: query
/// head h reads key head `h / (heads / kvHeads)`. Any strides but 1 in the last dim, so that q, k and v may be views of
/// one merged projection. `mask` `[batch, heads, tq, tk]` (strides 0 repeat) is added to the scaled products; a key whose
/// `padding` `[batch, tk]` (BOOL) is set is seen by no query. Either may be null. A query that sees no key, or only
/// weights of e^−∞, has the result 0 and passes no gradient. The fast kernels compute F64 by the reference.
public interface AttentionKernels {
    /// `out = dropout(softmax(scale·q·kᵀ + mask))·v`, `[batch, heads, tq, dv]`, and `lse` `[batch, heads, tq]`, the
    /// logarithm of the softmax's denominator (−∞ for a query that sees nothing), which the gradient needs.
    Call forward(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse);

    /// Gradients of q, k and v, all overwritten, from the gradient of `out`; `out` and `lse` are those of [#forward]
    /// with the same operands. The mask has none.
    Call gradient(
            AttentionSpec spec, View q, View k, View v, @Nullable View mask, @Nullable View padding, View out,
            View lse, View gout, View gq, View gk, View gv);
}
