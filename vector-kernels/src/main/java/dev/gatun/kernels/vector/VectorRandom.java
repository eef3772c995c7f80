package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.RandomKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RandomCheck;
import dev.gatun.kernels.thread.Threads;

/// Maths: words of the Philox4x32-10 stream turned into uniform, normal, Bernoulli and integer numbers; the sequence is
/// that of the reference, bit for bit.
/// Layout: any strides; element i in row-major order takes the words of number offset + i.
/// Blocking: ranges of elements, shared among the threads; four words at a time.
/// Registers: scalar, four counters and two keys.
/// Evidence: VectorRandomTest compares bits with the reference.
public final class VectorRandom implements RandomKernels {
    private final Threads threads;

    /// Works on these threads.
    public VectorRandom(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call uniform(long seed, long offset, View out, double low, double high) {
        RandomCheck.uniform(out, low, high);
        boolean wide = out.dtype() == DType.F64;
        // Rounding to F32 may reach the end, which does not belong to the range.
        double end = wide ? Math.nextDown(high) : Math.nextDown((float) high);
        double span = high - low;
        if (wide) {
            return new RandomFill(threads, seed, offset, out, 2, (a, b) -> {
                double v = low + span * ((pair(a, b) >>> 11) * 0x1p-53);
                return v >= high ? end : v;
            });
        }
        float limit = (float) high;
        return new RandomFill(threads, seed, offset, out, 1, (a, b) -> {
            double v = low + span * ((a >>> 8) * 0x1p-24);
            return (float) v >= limit ? end : v;
        });
    }

    @Override
    public Call normal(long seed, long offset, View out, double mean, double deviation) {
        RandomCheck.normal(out, mean, deviation);
        return new RandomFill(threads, seed, offset, out, 2, (a, b) -> {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(((a & 0xFFFFFFFFL) + 1) * 0x1p-32));
            double angle = 2 * Math.PI * ((b & 0xFFFFFFFFL) * 0x1p-32);
            return mean + deviation * (radius * StrictMath.cos(angle));
        });
    }

    @Override
    public Call bernoulli(long seed, long offset, View out, double p, double value) {
        RandomCheck.bernoulli(out, p);
        return new RandomFill(
                threads, seed, offset, out, 1, (a, b) -> (a & 0xFFFFFFFFL) * 0x1p-32 < p ? value : 0);
    }

    @Override
    public Call integers(long seed, long offset, View out, long low, long high) {
        RandomCheck.integers(out, low, high);
        return new RandomIntegers(threads, seed, offset, out, low, high - low);
    }

    /// Two words, the first one on top.
    static long pair(int a, int b) {
        return (long) a << 32 | (b & 0xFFFFFFFFL);
    }
}
