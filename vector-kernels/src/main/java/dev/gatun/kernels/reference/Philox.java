package dev.gatun.kernels.reference;

/// Philox4x32-10: ten rounds of multiplication and xor turn a 128-bit counter and a 64-bit key into 128 random bits
/// (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3. SC 2011).
///
/// The stream of a seed: word `i` is element `i mod 4` of the block with counter `⌊i/4⌋` (64 bits, the upper half of the
/// counter 0) and the seed as key, low halves first.
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /// Turns the counter in `block[0 … 3]` into its four random words, in place.
    public static void scramble(int[] block, int key0, int key1) {
        int c0 = block[0];
        int c1 = block[1];
        int c2 = block[2];
        int c3 = block[3];
        int k0 = key0;
        int k1 = key1;
        for (int r = 0; r < ROUNDS; r++) {
            long p0 = MULTIPLIER_0 * (c0 & LOW);
            long p1 = MULTIPLIER_1 * (c2 & LOW);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c1 = (int) p1;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        block[0] = c0;
        block[1] = c1;
        block[2] = c2;
        block[3] = c3;
    }

    /// The four words `4·number … 4·number + 3` of a seed's stream.
    public static void block(long seed, long number, int[] block) {
        block[0] = (int) number;
        block[1] = (int) (number >>> 32);
        block[2] = 0;
        block[3] = 0;
        scramble(block, (int) seed, (int) (seed >>> 32));
    }
}
