package dev.gatun.tests.conformance;

import java.util.SplittableRandom;

/// Where the numbers of an operand come from.
interface Domain {
    /// Number `i`.
    double value(int i, SplittableRandom random);

    /// Standard normal: no zeros, both signs.
    Domain NORMAL = (_, random) -> gaussian(random);

    /// Between 0.5 and 1.5.
    Domain POSITIVE = (_, random) -> 0.5 + random.nextDouble();

    /// −2 … 2, whole numbers, so that there are ties.
    Domain TIES = (_, random) -> random.nextInt(-2, 3);

    /// Normal numbers with NaN, ±∞, ±0, subnormals and the ends of the range among them.
    Domain SPECIAL = (_, random) -> random.nextInt(3) > 0
            ? gaussian(random)
            : Special.VALUES[random.nextInt(Special.VALUES.length)];

    /// Normal numbers with a few NaN.
    Domain SOME_NAN = (_, random) -> random.nextInt(11) == 0 ? Double.NaN : gaussian(random);

    /// −∞ mostly.
    Domain MASKED = (i, random) -> i % 3 == 0 ? gaussian(random) : Double.NEGATIVE_INFINITY;

    /// 0 and 1.
    Domain BITS = (_, random) -> random.nextInt(2);

    /// What an output holds before: not a number, so that reading it shows.
    Domain GARBAGE = (_, _) -> Double.NaN;

    /// Whole numbers in `[low, high)`.
    static Domain integers(long low, long high) {
        return (_, random) -> random.nextLong(low, high);
    }

    /// Uniform in `[low, high)`.
    static Domain uniform(double low, double high) {
        return (_, random) -> random.nextDouble(low, high);
    }

    /// The same number everywhere.
    static Domain constant(double value) {
        return (_, _) -> value;
    }

    private static double gaussian(SplittableRandom random) {
        // Sum of uniforms: short tails do no harm here, and the bits do not depend on a library.
        double sum = -6;
        for (int i = 0; i < 12; i++) {
            sum += random.nextDouble();
        }
        return sum;
    }

    /// Numbers at which functions break.
    final class Special {
        static final double[] VALUES = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0,
            Float.MIN_VALUE, -Float.MIN_VALUE, 1e-40f, -1e-40f, Float.MIN_NORMAL, -Float.MIN_NORMAL,
            Float.MAX_VALUE, -Float.MAX_VALUE, 1, -1, 0.5, -0.5, 88.72f, -87.33f, -103.97f, 1e-8f, 16777217,
            0x1p31, -0x1p31, 0x1p63};

        private Special() {
        }
    }
}
