package dev.gatun.kernels;

import dev.gatun.kernels.reference.ReferenceKernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.kernels.vector.VectorKernels;

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
        AttentionKernels attention,
        CopyKernels copy,
        IndexKernels index,
        RandomKernels random,
        RecurrentKernels recurrent,
        KernelCode code) {
    /// System property that chooses the kernels of [#best]: `vector` (the default) or `reference`. Read only.
    public static final String PROPERTY = "gatun.kernels";

    /// The fast kernels, working on these threads. Throws [NoFastPathException] with the fix when this JVM cannot run
    /// them at speed.
    public static Kernels vector(Threads threads) {
        return VectorKernels.create(FastPath.detect().require(), threads);
    }

    /// The fast kernels, unless the property [#PROPERTY] asks for the reference ones. Never falls back by itself:
    /// throws [NoFastPathException] as [#vector] does.
    public static Kernels best(Threads threads) {
        String wanted = System.getProperty(PROPERTY, "vector");
        return switch (wanted) {
            case "vector" -> vector(threads);
            case "reference" -> reference();
            default -> throw new IllegalArgumentException(
                    "kernels: -D" + PROPERTY + " must be vector or reference: " + wanted);
        };
    }

    /// The naive kernels, on the caller's thread: slow, for checking the fast ones and for bisecting a numerical
    /// complaint.
    public static Kernels reference() {
        return ReferenceKernels.create();
    }

    /// The same with other algorithms allowed for convolutions; threads and compiled kernels are shared with these.
    public Kernels with(Winograd allowed) {
        return new Kernels(
                name, threads, gemm, pointwise, reduce, softmax, conv.with(allowed), pool, norm, attention, copy, index,
                random, recurrent, code);
    }

    /// The same implementation working on other threads, with the default algorithms for convolutions. Compiled kernels
    /// are shared with these; the reference ones stay on the caller.
    public Kernels on(Threads others) {
        return code.on(others);
    }
}
