package dev.gatun.kernels;

import dev.gatun.kernels.reference.ReferenceKernels;
import dev.gatun.kernels.thread.Threads;

/// One implementation of every kernel family, passed to whoever computes: a whole network, forward and backward, runs
/// on whichever it is given.
public record Kernels(
        String name,
        Threads threads,
        GemmKernels gemm,
        PointwiseKernels pointwise,
        ReduceKernels reduce,
        SoftmaxKernels softmax,
        ConvKernels conv,
        PoolKernels pool,
        NormKernels norm,
        CopyKernels copy,
        IndexKernels index,
        RandomKernels random) {
    /// The naive kernels, on the caller's thread: slow, for checking the fast ones and for bisecting a numerical
    /// complaint.
    public static Kernels reference() {
        return ReferenceKernels.create();
    }
}
