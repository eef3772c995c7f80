package dev.gatun.nn.data;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Seeded orders of 0 … n − 1, the same on every machine and Java version.
final class Permutation {
    private Permutation() {}

    /// Fisher–Yates with L64X128MixRandom seeded by `seed` and `round` (an epoch): each round another order.
    static int[] of(int n, long seed, long round) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom")
                .create(seed * 0x9E3779B97F4A7C15L + round);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = bounded(random, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /// Spelled out, because `nextInt(bound)` may change its algorithm between Java versions. The bias of n/2⁶⁴ cannot be
    /// noticed.
    private static int bounded(RandomGenerator random, int n) {
        return (int) Math.unsignedMultiplyHigh(random.nextLong(), n);
    }
}
