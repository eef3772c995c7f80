package dev.gatun.kernels.attention;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.View;

/// Sizes of one attention.
record Sizes(AttentionSpec spec, int batch, int heads, int kvHeads, int tq, int tk, int d, int dv) {
    static Sizes of(AttentionSpec spec, View q, View k, View v) {
        return new Sizes(spec, q.dim(0), q.dim(1), k.dim(1), q.dim(2), k.dim(2), q.dim(3), v.dim(3));
    }

    /// Query heads of the whole batch.
    int queryHeads() {
        return batch * heads;
    }

    /// Key heads of the whole batch.
    int keyHeads() {
        return batch * kvHeads;
    }

    /// Query heads that share a key head.
    int group() {
        return kvHeads == 0 ? 1 : heads / kvHeads;
    }
}
