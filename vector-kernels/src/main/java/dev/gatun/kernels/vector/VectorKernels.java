package dev.gatun.kernels.vector;

import dev.gatun.kernels.FastPath;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.attention.VectorAttention;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.conv.VectorConv;
import dev.gatun.kernels.image.VectorPool;
import dev.gatun.kernels.norm.VectorNorm;
import dev.gatun.kernels.recurrent.VectorRecurrent;
import dev.gatun.kernels.thread.Threads;

/// The fast kernels as one value.
public final class VectorKernels {
    private VectorKernels() {}

    /// Every family on vectors, working on these threads. The fast path must be there: see [FastPath#require].
    public static Kernels create(FastPath path, Threads threads) {
        int bits = path.vectorBits();
        MicroKernels compiled = new MicroKernels();
        VectorPointwise pointwise = new VectorPointwise(threads, bits);
        VectorReduce reduce = new VectorReduce(threads, bits, pointwise);
        VectorGemm gemm = new VectorGemm(threads, bits, path.caches(), compiled);
        return new Kernels(
                "vector",
                threads,
                gemm,
                pointwise,
                reduce,
                new VectorSoftmax(threads, pointwise, reduce),
                new VectorConv(threads, path.caches(), compiled, Winograd.F2),
                new VectorPool(threads),
                new VectorNorm(threads),
                new VectorAttention(threads, bits, compiled),
                new VectorCopy(threads, pointwise),
                new VectorIndex(threads),
                new VectorRandom(threads),
                new VectorRecurrent(threads, bits, path.caches(), compiled, gemm, reduce));
    }
}
