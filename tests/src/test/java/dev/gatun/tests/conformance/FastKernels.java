package dev.gatun.tests.conformance;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The kernels under test on several counts of threads, with the same generated code: generated again for each count, it
/// would be the same, and cost most of the time of a test.
final class FastKernels implements AutoCloseable {
    private final List<Kernels> all;

    FastKernels(int... counts) {
        Kernels first = Kernels.best(Threads.of(counts[0]));
        all = Stream.concat(
                Stream.of(first), IntStream.of(counts).skip(1).mapToObj(n -> first.on(Threads.of(n)))).toList();
    }

    List<Kernels> all() {
        return all;
    }

    @Override
    public void close() {
        all.forEach(k -> k.threads().close());
    }
}
