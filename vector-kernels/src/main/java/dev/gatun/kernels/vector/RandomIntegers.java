package dev.gatun.kernels.vector;

import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;

/// Integers, which do not all fit a double.
final class RandomIntegers extends RandomFill {
    private final long low;
    private final long span;

    RandomIntegers(Threads threads, long seed, long offset, View out, long low, long span) {
        super(threads, seed, offset, out, 2, (a, b) -> 0);
        this.low = low;
        this.span = span;
    }

    @Override
    void store(long at, int first, int second) {
        out.setLong(at, low + Math.unsignedMultiplyHigh(VectorRandom.pair(first, second), span));
    }
}
