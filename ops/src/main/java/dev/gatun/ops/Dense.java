package dev.gatun.ops;

import dev.gatun.kernels.View;

/// Layouts that kernels ask for.
final class Dense {
    private Dense() {}

    /// The tensor, or a copy of it whose last two dims lie without holes.
    static Tensor plane(Tensor x) {
        View v = x.view();
        int rank = v.rank();
        if (rank < 2) {
            return x.contiguous();
        }
        boolean rows = v.dim(rank - 1) == 1 || v.stride(rank - 1) == 1;
        boolean lines = v.dim(rank - 2) == 1 || v.stride(rank - 2) == v.dim(rank - 1);
        return rows && lines ? x : x.copy();
    }
}
