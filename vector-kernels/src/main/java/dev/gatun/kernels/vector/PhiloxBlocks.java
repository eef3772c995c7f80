package dev.gatun.kernels.vector;

import dev.gatun.kernels.image.Lanes;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Maths: Philox4x32-10 (Salmon et al., SC 2011) on several neighbouring counters at once.
/// Layout: word k of block b lies at `words[k·LANES + b]`, in the low half.
/// Blocking: one block per 64-bit lane, so that a product of 32-bit words has room; the upper halves are kept zero,
/// which lets C2 use the short multiplication.
/// Registers: 4 counters, 2 products, 3 constants.
/// Evidence: VectorCopyTest compares with the reference bit for bit.
final class PhiloxBlocks {
    private static final VectorSpecies<Long> SPECIES = VectorSpecies.of(long.class, Lanes.F.vectorShape());

    /// Blocks made at once.
    static final int LANES = SPECIES.length();

    private static final int ROUNDS = 10;
    private static final long LOW = 0xFFFFFFFFL;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final LongVector INDEX = LongVector.zero(SPECIES).addIndex(1);

    private PhiloxBlocks() {}

    /// The blocks `number … number + LANES − 1` of a seed's stream.
    static void fill(long seed, long number, long[] words) {
        LongVector counter = INDEX.add(number);
        LongVector c0 = counter.and(LOW);
        LongVector c1 = counter.lanewise(VectorOperators.LSHR, 32);
        LongVector c2 = LongVector.zero(SPECIES);
        LongVector c3 = LongVector.zero(SPECIES);
        LongVector m0 = LongVector.broadcast(SPECIES, MULTIPLIER_0);
        LongVector m1 = LongVector.broadcast(SPECIES, MULTIPLIER_1);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int r = 0; r < ROUNDS; r++) {
            LongVector p0 = c0.and(LOW).mul(m0);
            LongVector p1 = c2.and(LOW).mul(m1);
            c0 = p1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c1)
                    .lanewise(VectorOperators.XOR, k0 & LOW);
            c1 = p1.and(LOW);
            c2 = p0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c3)
                    .lanewise(VectorOperators.XOR, k1 & LOW);
            c3 = p0.and(LOW);
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        c0.intoArray(words, 0);
        c1.intoArray(words, LANES);
        c2.intoArray(words, 2 * LANES);
        c3.intoArray(words, 3 * LANES);
    }
}
