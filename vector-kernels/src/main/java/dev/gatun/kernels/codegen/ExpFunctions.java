package dev.gatun.kernels.codegen;

/// Maths: e^x = 2^n · e^r with n = round(x / ln 2), |r| ≤ ½·ln 2, and what is built on it.
/// Layout: none, straight-line lane code.
/// Blocking: none; r from two fused multiply-adds with ln 2 in two parts, polynomial e^r = 1 + r + r²·q(r) with q a
/// minimax fit of degree 5 (1e-10 relative).
/// Registers: about 16 for constants and values.
/// Evidence: MathAccuracyTest, all floats in its slow part; figures in docs/numerics.md.
final class ExpFunctions {
    /// 1.5·2²³: adding it rounds to an integer, which then stands in the low bits.
    static final double ROUNDER = 12582912;

    static final int ROUNDER_BITS = 0x4B400000;
    /// 15 bits, so that k times it, and x minus that, are exact.
    static final double LN2_HIGH = 0x1.62e4p-1;

    static final double LN2_LOW = 0x1.7f7d1cp-20;
    private static final double LOG2_E = 0x1.715476p0;
    private static final double[] Q = {
        0.5, 0.16666666, 0.04166646, 0.008333563, 0.001393545, 0.00019747183
    };

    private ExpFunctions() {}

    /// e^x in pieces: `(1 + z + lost) · 2^n`; lost, what the roundings of z took, is computed only where it is used.
    record Pieces(int n, int z, int lost) {}

    static Pieces pieces(ProgramBuilder b, int x) {
        Reduced d = reduced(b, x, -1);
        return new Pieces(d.n, b.fma(b.mul(d.r, d.r), b.polynomial(d.r, Q), d.r), d.lost);
    }

    /// The same of x + low, where low is tiny.
    static Pieces pieces(ProgramBuilder b, int x, int low) {
        Reduced d = reduced(b, x, low);
        int v = b.mul(b.mul(d.r, d.r), b.polynomial(d.r, Q));
        int z = b.add(d.r, v);
        int lost = b.add(b.add(b.sub(d.r, z), v), d.lost);
        return new Pieces(d.n, z, lost);
    }

    private record Reduced(int n, int r, int lost) {}

    private static Reduced reduced(ProgramBuilder b, int x, int low) {
        int rounder = b.constant(ROUNDER);
        int t = b.fma(x, b.constant(LOG2_E), rounder);
        int k = b.sub(t, rounder);
        int n = b.isub(b.asInteger(t), b.integer(ROUNDER_BITS));
        int rest = low < 0 ? b.scaled(k, -LN2_LOW) : b.fma(k, b.constant(-LN2_LOW), low);
        int exact = b.fma(k, b.constant(-LN2_HIGH), x);
        int r = b.add(exact, rest);
        return new Reduced(n, r, b.add(b.sub(exact, r), rest));
    }

    /// 2^n, −126 ≤ n ≤ 127.
    static int power(ProgramBuilder b, int n) {
        return b.asFloat(b.shl(b.iadd(n, b.integer(127)), 23));
    }

    /// x · 2^n in two steps, so that one rounding makes a subnormal result or infinity; −252 ≤ n ≤ 254.
    static int scale(ProgramBuilder b, int x, int n) {
        int half = b.shr(n, 1);
        return b.mul(b.mul(x, power(b, half)), power(b, b.isub(n, half)));
    }

    static int exp(ProgramBuilder b, int x) {
        return limited(b, x, expInRange(b, x));
    }

    /// y, where x is in the range of the exponential, else 0 or infinity.
    static int limited(ProgramBuilder b, int x, int y) {
        int limited = b.select(b.gt(x, b.constant(89)), b.constant(Double.POSITIVE_INFINITY), y);
        return b.select(b.lt(x, b.constant(-104)), b.constant(0), limited);
    }

    /// For −170 < x < 170.
    private static int expInRange(ProgramBuilder b, int x) {
        Pieces p = pieces(b, x);
        return scale(b, b.shifted(p.z, 1), p.n);
    }

    /// e^−|x|.
    static int expOfMinusAbs(ProgramBuilder b, int x) {
        int a = b.neg(b.abs(x));
        return b.select(b.lt(a, b.constant(-104)), b.constant(0), expInRange(b, a));
    }

    /// 2^n·(1 + z) − 1 with the halves added in the right order; 2^(n−1) so that n = 128 does not overflow early.
    static int expm1(ProgramBuilder b, int x) {
        Pieces p = pieces(b, x);
        int half = power(b, b.isub(p.n, b.integer(1)));
        int y = b.scaled(b.fma(half, p.z, b.shifted(half, -0.5)), 2.0);
        y = b.select(b.gt(x, b.constant(89)), b.constant(Double.POSITIVE_INFINITY), y);
        y = b.select(b.lt(x, b.constant(-18)), b.constant(-1), y);
        return b.select(b.lt(b.abs(x), b.constant(0x1p-25)), x, y);
    }

    /// Small |x| by an odd polynomial, else 1 − 2/(e^(2|x|) + 1).
    static int tanh(ProgramBuilder b, int x) {
        int a = b.abs(x);
        int s = b.mul(a, a);
        int small = b.fma(
                b.mul(a, s), b.polynomial(s, -0.33333316, 0.13332547, -0.053848058, 0.021053407, -0.0062473156), a);
        int twice = b.scaled(b.min(a, b.constant(10)), 2.0);
        Pieces p = pieces(b, twice);
        int e = b.mul(b.shifted(p.z, 1), power(b, p.n));
        int large = b.sub(b.constant(1), b.div(b.constant(2), b.shifted(e, 1)));
        return b.withSignOf(b.select(b.gt(a, b.constant(0.55)), large, small), x);
    }

    /// With t = e^−|x|: 1/(1 + t) for x ≥ 0, t/(1 + t) below, so that the small side keeps its digits.
    static int sigmoid(ProgramBuilder b, int x) {
        int t = expOfMinusAbs(b, x);
        int top = b.select(b.lt(x, b.constant(0)), t, b.constant(1));
        return overOnePlus(b, top, t);
    }

    /// top/(1 + t) for 0 ≤ t ≤ 1 with one rounding: the remainder of the division, and what 1 + t lost, are put back.
    private static int overOnePlus(ProgramBuilder b, int top, int t) {
        int one = b.constant(1);
        int sum = b.add(t, one);
        int lost = b.add(b.sub(one, sum), t);
        int inverse = b.div(one, sum);
        int quotient = b.mul(top, inverse);
        int minus = b.neg(quotient);
        int rest = b.fma(minus, lost, b.fma(minus, sum, top));
        return b.fma(rest, inverse, quotient);
    }

    /// x·sigmoid(x), where the factor goes in before the last scaling: σ alone has few digits below −87.
    static int silu(ProgramBuilder b, int x) {
        int floor = b.constant(-120);
        int a = b.max(b.neg(b.abs(x)), floor);
        Pieces p = pieces(b, a);
        int half = b.shr(p.n, 1);
        int first = power(b, half);
        int second = power(b, b.isub(p.n, half));
        int negative = b.lt(x, b.constant(0));
        int t = b.mul(b.mul(b.shifted(p.z, 1), first), second);
        int top = b.mul(b.fma(x, p.z, x), b.select(b.lt(x, floor), b.constant(0), first));
        // The division's correction turns −0 into +0; the sign is that of x.
        int quotient = b.withSignOf(overOnePlus(b, b.select(negative, top, x), t), x);
        int product = b.mul(quotient, b.select(negative, second, b.constant(1)));
        // From here on σ is 1; at ∞ the correction would be ∞ − ∞.
        return b.select(b.gt(x, b.constant(40)), x, product);
    }

    /// max(x, 0) + ln(1 + e^−|x|): nothing cancels, nothing overflows.
    static int softplus(ProgramBuilder b, int x) {
        return b.add(LogFunctions.log1pOfUnit(b, expOfMinusAbs(b, x)), b.max(x, b.constant(0)));
    }
}
