package dev.gatun.tests.conformance;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import java.util.List;
import java.util.stream.IntStream;

/// The kernels under test, once per thread count.
final class FastKernels implements AutoCloseable {
    private final List<Kernels> all;

    FastKernels(int... counts) {
        all = IntStream.of(counts).mapToObj(n -> Kernels.best(Threads.of(n))).toList();
    }

    List<Kernels> all() {
        return all;
    }

    @Override
    public void close() {
        all.forEach(k -> k.threads().close());
    }
}
