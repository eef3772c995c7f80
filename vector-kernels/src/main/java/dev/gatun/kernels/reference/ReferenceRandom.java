package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.RandomKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.RandomCheck;

/// maths: words of the [Philox] stream turned into uniform, normal, Bernoulli and integer numbers, in double.
/// layout: any strides; element i in row-major order of the coordinates takes the words of number offset + i.
/// blocking and why: four words at a time, as the generator makes them.
/// registers: none held.
/// evidence: published known-answer vectors, and moments, in the tests. StrictMath, so that the bits are the same on
/// every machine.
public final class ReferenceRandom implements RandomKernels {
    @Override
    public Call uniform(long seed, long offset, View out, double low, double high) {
        RandomCheck.uniform(out, low, high);
        boolean wide = out.dtype() == DType.F64;
        // Rounding to F32 may reach the end, which does not belong to the range.
        double end = wide ? Math.nextDown(high) : Math.nextDown((float) high);
        return fill(seed, offset, out, (words, e) -> {
            double u = wide
                    ? (words.pair(e) >>> 11) * 0x1p-53
                    : (words.word(e) >>> 8) * 0x1p-24;
            double v = low + (high - low) * u;
            return (wide ? v >= high : (float) v >= (float) high) ? end : v;
        });
    }

    @Override
    public Call normal(long seed, long offset, View out, double mean, double deviation) {
        RandomCheck.normal(out, mean, deviation);
        return fill(seed, offset, out, (words, e) -> {
            return mean + deviation * BoxMuller.normal(words.word(2 * e), words.word(2 * e + 1));
        });
    }

    @Override
    public Call bernoulli(long seed, long offset, View out, double p, double value) {
        RandomCheck.bernoulli(out, p);
        return fill(seed, offset, out, (words, e) -> (words.word(e) & 0xFFFFFFFFL) * 0x1p-32 < p ? value : 0);
    }

    @Override
    public Call integers(long seed, long offset, View out, long low, long high) {
        RandomCheck.integers(out, low, high);
        return _ -> {
            Words words = new Words(seed);
            for (Walk w = Walk.over(out.dims(), out.strides()); w.next();) {
                long r = Math.unsignedMultiplyHigh(words.pair(offset + w.position()), high - low);
                out.setLong(w.at(0), low + r);
            }
        };
    }

    private interface Draw {
        double number(Words words, long element);
    }

    private static Call fill(long seed, long offset, View out, Draw draw) {
        Words words = new Words(seed);
        Walk walk = Walk.over(out.dims(), out.strides());
        return _ -> {
            for (walk.reset(); walk.next();) {
                out.setDouble(walk.at(0), draw.number(words, offset + walk.position()));
            }
        };
    }

    /// The stream of one seed, by word number; keeps the last block.
    private static final class Words {
        private final long seed;
        private final int[] block = new int[4];
        private long number = -1;

        Words(long seed) {
            this.seed = seed;
        }

        int word(long i) {
            if (i >>> 2 != number) {
                number = i >>> 2;
                Philox.block(seed, number, block);
            }
            return block[(int) (i & 3)];
        }

        /// Words 2e and 2e + 1, the first one on top.
        long pair(long e) {
            return (long) word(2 * e) << 32 | (word(2 * e + 1) & 0xFFFFFFFFL);
        }
    }
}
