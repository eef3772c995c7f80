package dev.gatun.kernels.reference;

import dev.gatun.kernels.KernelCode;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Rehearsal;
import dev.gatun.kernels.thread.Threads;
import java.util.List;

/// The naive kernels as one value; everything runs on the caller.
public final class ReferenceKernels implements KernelCode {
    private ReferenceKernels() {}

    /// Every family by its reference.
    public static Kernels create() {
        return new ReferenceKernels().on(Threads.of(1));
    }

    @Override
    public Kernels on(Threads threads) {
        return new Kernels(
                "reference",
                Threads.of(1),
                new ReferenceGemm(),
                new ReferencePointwise(),
                new ReferenceReduce(),
                new ReferenceSoftmax(),
                new ReferenceConv(),
                new ReferencePool(),
                new ReferenceNorm(),
                new ReferenceAttention(),
                new ReferenceCopy(),
                new ReferenceIndex(),
                new ReferenceRandom(),
                new ReferenceRecurrent(),
                this);
    }

    @Override
    public List<Rehearsal> rehearsals() {
        return List.of();
    }
}
