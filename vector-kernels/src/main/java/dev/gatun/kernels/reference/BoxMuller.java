package dev.gatun.kernels.reference;

/// Two random words as one standard normal number: `√(−2·ln u)·cos(2πv)` with `u = (word0 + 1)·2⁻³²` and
/// `v = word1·2⁻³²` (Box and Muller, 1958), in double.
///
/// The cosine is a Taylor sum over an eighth of a turn, where 9 terms leave less than half a unit in the last place:
/// `StrictMath.cos` allocates an array at every call, and `Math.cos` may differ from machine to machine.
public final class BoxMuller {
    private static final long LOW = 0xFFFFFFFFL;
    private static final int QUARTER = 1 << 30;

    private BoxMuller() {
    }

    /// A standard normal number from two words.
    public static double normal(int word0, int word1) {
        double u = ((word0 & LOW) + 1) * 0x1p-32;
        return StrictMath.sqrt(-2 * StrictMath.log(u)) * cosineOfTurns(word1);
    }

    /// `cos(2π·word·2⁻³²)`.
    static double cosineOfTurns(int word) {
        int within = word & QUARTER - 1;
        return switch (word >>> 30) {
            case 0 -> cosine(within);
            case 1 -> -cosine(QUARTER - within);
            case 2 -> -cosine(within);
            default -> cosine(QUARTER - within);
        };
    }

    /// Cosine of a part of a quarter turn, from 0 to 2³⁰.
    private static double cosine(int part) {
        if (part <= QUARTER / 2) {
            double a = part * (Math.PI / 2 / QUARTER);
            return series(1, 1, a * a);
        }
        double a = (QUARTER - part) * (Math.PI / 2 / QUARTER);
        return series(a, 2, a * a);
    }

    /// `first·(1 − s/(d(d + 1)) + s²/(d(d + 1)(d + 2)(d + 3)) − …)`: the cosine from 1, d = 1, the sine from a, d = 2.
    private static double series(double first, int d, double s) {
        double sum = 1;
        for (int n = 16 + d; n >= d; n -= 2) {
            sum = 1 - s / (n * (n + 1)) * sum;
        }
        return first * sum;
    }
}
