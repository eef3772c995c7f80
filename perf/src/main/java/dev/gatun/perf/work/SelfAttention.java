package dev.gatun.perf.work;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;

/// Attention alone, `softmax(x·xᵀ/√d)·x` per head: one tensor `[n, heads, t, d]` serves as queries, keys and values, so
/// that nothing but the attention is measured.
final class SelfAttention extends Module {
    @Override
    protected Tensor compute(Tensor x) {
        return x.scaledDotProductAttention(x, x).contiguous();
    }
}
