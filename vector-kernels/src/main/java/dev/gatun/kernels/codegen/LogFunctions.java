package dev.gatun.kernels.codegen;

/// Maths: ln x = e·ln 2 + ln(1 + f), x = 2^e·(1 + f), √½ ≤ 1 + f < √2.
/// Layout: none, straight-line lane code.
/// Blocking: none; ln(1 + f) = f − f²/2 + f³·P(f) with P a minimax fit of degree 8 (8e-10 relative), ln 2 in two parts.
/// Registers: about 18 for constants and values.
/// Evidence: MathAccuracyTest, all floats in its slow part; figures in docs/numerics.md.
final class LogFunctions {
    private static final int SQRT_HALF_BITS = 0x3F3504F3;
    private static final double[] P = {
        0.33333313, -0.2500001, 0.20002078, -0.16668001, 0.14220175, -0.12405796, 0.118847966, -0.11673859,
        0.067508936
    };

    private LogFunctions() {}

    static int log(ProgramBuilder b, int x) {
        int small = b.lt(x, b.constant(Float.MIN_NORMAL));
        int bits = b.asInteger(b.select(small, b.scaled(x, 0x1p23), x));
        int e = exponent(b, bits);
        int f = b.shifted(fraction(b, bits, e), -1);
        int ef = asFloat(b, e);
        ef = b.select(small, b.shifted(ef, -23), ef);
        return limits(b, x, x, core(b, f, ef));
    }

    /// f is taken from x itself, x·2^−e + (2^−e − 1), which is rounded once; only where 1 + x = x from its fraction.
    static int log1p(ProgramBuilder b, int x) {
        int u = b.shifted(x, 1);
        int bits = b.asInteger(u);
        int e = exponent(b, bits);
        int scale = b.asFloat(b.shl(b.isub(b.integer(127), e), 23));
        int f = b.fma(x, scale, b.shifted(scale, -1));
        f = b.select(b.gt(x, b.constant(0x1p25)), b.shifted(fraction(b, bits, e), -1), f);
        int y = limits(b, x, u, core(b, f, asFloat(b, e)));
        return b.select(b.eq(x, b.constant(0)), x, y);
    }

    /// For 0 ≤ t ≤ 1.
    static int log1pOfUnit(ProgramBuilder b, int t) {
        int upper = b.gt(t, b.constant(0.41421357));
        int f = b.select(upper, b.fma(t, b.constant(0.5), b.constant(-0.5)), t);
        return core(b, f, b.select(upper, b.constant(1), b.constant(0)));
    }

    static int exponent(ProgramBuilder b, int bits) {
        return b.shr(b.isub(bits, b.integer(SQRT_HALF_BITS)), 23);
    }

    static int fraction(ProgramBuilder b, int bits, int e) {
        return b.asFloat(b.isub(bits, b.shl(e, 23)));
    }

    static int asFloat(ProgramBuilder b, int e) {
        return b.shifted(b.asFloat(b.iadd(e, b.integer(ExpFunctions.ROUNDER_BITS))), -ExpFunctions.ROUNDER);
    }

    private static int core(ProgramBuilder b, int f, int e) {
        int s = b.mul(f, f);
        int y = b.fma(b.mul(s, f), b.polynomial(f, P), b.scaled(e, ExpFunctions.LN2_LOW));
        y = b.fma(s, b.constant(-0.5), y);
        return b.fma(e, b.constant(ExpFunctions.LN2_HIGH), b.add(f, y));
    }

    /// +Inf and NaN stay; the logarithm of a negative u is NaN, of zero −Inf.
    private static int limits(ProgramBuilder b, int x, int u, int y) {
        int zero = b.constant(0);
        int r = b.select(b.lt(x, b.constant(Double.POSITIVE_INFINITY)), y, x);
        r = b.select(b.lt(u, zero), b.constant(Double.NaN), r);
        return b.select(b.eq(u, zero), b.constant(Double.NEGATIVE_INFINITY), r);
    }
}
