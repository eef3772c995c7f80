package dev.gatun.kernels.codegen;

/// Maths: x^y = e^(y·ln x), ln x in two floats with a relative error of about 2⁻³³, because y·ln x reaches 88 and the
/// exponential turns its absolute error into a relative one. ln m = 2·artanh s, s = (m − 1)/(m + 1).
/// Layout: none, straight-line lane code.
/// Blocking: none; exponents −1, ½, 1, 2, 3 that are constants by multiplication, division, root. x ≤ 0, subnormal or
/// infinite x and infinite y go lane by lane.
/// Registers: about 24 for constants and values.
/// Evidence: MathAccuracyTest; figures in docs/numerics.md.
final class PowFunctions {
    private PowFunctions() {}

    static int pow(ProgramBuilder b, int x, int y) {
        if (b.isConstant(y)) {
            double c = b.constantValue(y);
            if (c == 1) {
                return x;
            } else if (c == 2) {
                return b.mul(x, x);
            } else if (c == 3) {
                return b.mul(b.mul(x, x), x);
            } else if (c == -1) {
                return b.div(b.constant(1), x);
            } else if (c == 0.5) {
                // pow(−0, ½) is +0 and pow(−Inf, ½) +Inf, unlike the root.
                int infinity = b.constant(Double.POSITIVE_INFINITY);
                int root = b.sqrt(b.add(x, b.constant(0)));
                return b.select(b.eq(x, b.neg(infinity)), infinity, root);
            }
        }
        Pair log = log(b, x);
        int product = b.mul(y, log.high);
        int low = b.fma(y, log.low, b.fma(y, log.high, b.neg(product)));
        ExpFunctions.Pieces p = ExpFunctions.pieces(b, product, low);
        int power = ExpFunctions.limited(b, product, ExpFunctions.scale(b, b.shifted(p.z(), 1), p.n()));
        int infinity = b.constant(Double.POSITIVE_INFINITY);
        int usual = b.and(b.ge(x, b.constant(Float.MIN_NORMAL)), b.lt(x, infinity));
        return b.fallback(Fallback.POW, power, x, y, b.not(b.and(usual, b.lt(b.abs(y), infinity))));
    }

    /// A number as the sum of two.
    private record Pair(int high, int low) {}

    private static Pair log(ProgramBuilder b, int x) {
        int bits = b.asInteger(x);
        int e = LogFunctions.exponent(b, bits);
        int f = b.shifted(LogFunctions.fraction(b, bits, e), -1);
        int two = b.constant(2);
        // s = f/(2 + f) with its remainder.
        int sum = b.add(f, two);
        int sumLow = b.add(b.sub(two, sum), f);
        int inverse = b.div(b.constant(1), sum);
        int s = b.mul(f, inverse);
        int minus = b.neg(s);
        int sLow = b.mul(b.fma(minus, sumLow, b.fma(minus, sum, f)), inverse);
        // s²·T, T = 1/3 + s²/5 + s⁴/7 + …
        int w = b.mul(s, s);
        int wLow = b.fma(b.scaled(s, 2), sLow, b.fma(s, s, b.neg(w)));
        int third = b.constant(0x1.555556p-2);
        int more = b.mul(w, b.polynomial(w, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11));
        int t = b.add(third, more);
        int tLow = b.shifted(b.add(b.sub(third, t), more), 1.0 / 3 - 0x1.555556p-2);
        Pair u = product(b, w, wLow, t, tLow);
        Pair q = product(b, s, sLow, u.high, u.low);
        int l = b.add(s, q.high);
        int lLow = b.add(b.add(b.sub(s, l), q.high), b.add(sLow, q.low));
        // e·ln 2 + 2·l; the first product is exact.
        int ef = LogFunctions.asFloat(b, e);
        int whole = b.scaled(ef, ExpFunctions.LN2_HIGH);
        int twice = b.scaled(l, 2);
        int high = b.add(whole, twice);
        int rest = b.fma(ef, b.constant(ExpFunctions.LN2_LOW), b.scaled(lLow, 2));
        return new Pair(high, b.add(b.add(b.sub(whole, high), twice), rest));
    }

    private static Pair product(ProgramBuilder b, int x, int xLow, int y, int yLow) {
        int high = b.mul(x, y);
        return new Pair(high, b.fma(x, yLow, b.fma(xLow, y, b.fma(x, y, b.neg(high)))));
    }
}
