package dev.gatun.kernels.vector;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.FastPath;
import dev.gatun.kernels.KernelCode;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Rehearsal;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.attention.VectorAttention;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.conv.VectorConv;
import dev.gatun.kernels.image.VectorPool;
import dev.gatun.kernels.norm.VectorNorm;
import dev.gatun.kernels.recurrent.VectorRecurrent;
import dev.gatun.kernels.thread.Threads;
import java.util.List;

/// The fast kernels as one value, and what they share on all threads: the code generated for them.
public final class VectorKernels implements KernelCode {
    private final int bits;
    private final CacheSizes caches;
    private final MicroKernels compiled = new MicroKernels();
    private final VectorPointwise pointwise;
    private final VectorReduce reduce;

    private VectorKernels(FastPath path, Threads threads) {
        bits = path.vectorBits();
        caches = path.caches();
        pointwise = new VectorPointwise(threads, bits);
        reduce = new VectorReduce(threads, bits, pointwise);
    }

    /// Every family on vectors, working on these threads. The fast path must be there: see [FastPath#require].
    public static Kernels create(FastPath path, Threads threads) {
        return new VectorKernels(path, threads).on(threads);
    }

    @Override
    public Kernels on(Threads threads) {
        VectorPointwise maps = pointwise.on(threads);
        VectorReduce folds = reduce.on(threads, maps);
        VectorGemm gemm = new VectorGemm(threads, bits, caches, compiled);
        return new Kernels(
                "vector",
                threads,
                gemm,
                maps,
                folds,
                new VectorSoftmax(threads, maps, folds),
                new VectorConv(threads, caches, compiled, Winograd.F2),
                new VectorPool(threads),
                new VectorNorm(threads),
                new VectorAttention(threads, bits, compiled),
                new VectorCopy(threads, maps),
                new VectorIndex(threads),
                new VectorRandom(threads),
                new VectorRecurrent(threads, bits, caches, compiled, gemm, folds),
                this);
    }

    @Override
    public List<Rehearsal> rehearsals() {
        return compiled.rehearsals();
    }
}
