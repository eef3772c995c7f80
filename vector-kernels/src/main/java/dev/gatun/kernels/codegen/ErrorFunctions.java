package dev.gatun.kernels.codegen;

import java.util.Arrays;

/// Maths: erf x = x + x·Q(x²) for small |x|, else 1 − e^−R(|x|); Φ(−a) = e^(−a²/2)·S(a) for the normal distribution,
/// S(a) = polynomial in (a − 5)/(a + 5), divided by 1 + ¾·a (S falls like 1/a).
/// Layout: none, straight-line lane code.
/// Blocking: none; a² in two parts, because e^(−a²/2) multiplies its relative error by a²/2. Minimax fits: Q degree 6
/// (9e-10), R degree 7 (6e-11), S degree 10 (4e-9 relative).
/// Registers: about 24 for constants and values.
/// Evidence: MathAccuracyTest, all floats in its slow part; figures in docs/numerics.md.
final class ErrorFunctions {
    private static final double[] Q = {
        0.12837917, -0.3761263, 0.11283624, -0.02685556, 0.005191753, -0.0008039753, 7.9431e-05
    };
    private static final double[] R = {
        -0.0001705583, 1.1294951, 0.6333868, 0.10823631, -0.02509119, 0.004160365, -0.00043225967, 2.0904932e-05
    };
    private static final double[] S = {
        0.3653667, -0.1045286, 0.052290127, -0.012719229, -0.00783965, 0.01254808, -0.0091129355, 0.004312129,
        -0.0012406325, -1.215667e-05, 0.00013661712
    };

    private ErrorFunctions() {}

    static int erf(ProgramBuilder b, int x) {
        int a = b.abs(x);
        int small = b.fma(a, b.polynomial(b.mul(a, a), Q), a);
        int r = b.polynomial(b.min(a, b.constant(4)), R);
        ExpFunctions.Pieces p = ExpFunctions.pieces(b, b.neg(r));
        int e = b.mul(b.shifted(p.z(), 1), ExpFunctions.power(b, p.n()));
        int large = b.sub(b.constant(1), e);
        return b.withSignOf(b.select(b.gt(a, b.constant(0.9)), large, small), x);
    }

    /// Φ(−|x|) = `(high + low) · 2^n`, both 0 beyond 14.5.
    private record Tail(int high, int low, int n) {}

    private static Tail tail(ProgramBuilder b, int x) {
        int wide = b.abs(x);
        int end = b.constant(14.5);
        int a = b.min(wide, end);
        // S = top/bottom, kept as s + rest: both ends of the division and its remainder are put back.
        int t = b.div(b.shifted(a, -5), b.shifted(a, 5));
        int one = b.constant(1);
        int start = b.constant(S[0]);
        int slope = b.polynomial(t, Arrays.copyOfRange(S, 1, S.length));
        int top = b.fma(slope, t, start);
        int topLost = b.fma(slope, t, b.sub(start, top));
        int bottom = b.fma(a, b.constant(0.75), one);
        int bottomLost = b.fma(a, b.constant(0.75), b.sub(one, bottom));
        int inverse = b.div(one, bottom);
        int s = b.mul(top, inverse);
        int minus = b.neg(s);
        int rest = b.add(b.fma(minus, bottomLost, b.fma(minus, bottom, top)), topLost);
        int high = b.mul(a, a);
        int low = b.fma(a, a, b.neg(high));
        ExpFunctions.Pieces p = ExpFunctions.pieces(b, b.scaled(high, -0.5), b.scaled(low, -0.5));
        int zero = b.constant(0);
        int beyond = b.gt(wide, end);
        int correction = b.mul(rest, inverse);
        int small = b.fma(s, p.lost(), b.fma(correction, p.z(), correction));
        int lower = b.fma(s, p.z(), small);
        return new Tail(b.select(beyond, zero, s), b.select(beyond, zero, lower), p.n());
    }

    static int normalCdf(ProgramBuilder b, int x) {
        Tail tail = tail(b, x);
        int below = ExpFunctions.scale(b, b.add(tail.high, tail.low), tail.n);
        return b.select(b.lt(x, b.constant(0)), below, b.sub(b.constant(1), below));
    }

    /// x·Φ(x), the factor x inside the last scaling, and what 1 − Φ(−x) loses put back.
    static int gelu(ProgramBuilder b, int x) {
        Tail tail = tail(b, x);
        int half = b.shr(tail.n, 1);
        int first = ExpFunctions.power(b, half);
        int second = ExpFunctions.power(b, b.isub(tail.n, half));
        int below = b.mul(b.mul(b.fma(x, tail.high, b.mul(x, tail.low)), first), second);
        int scale = b.mul(first, second);
        int one = b.constant(1);
        int high = b.mul(tail.high, scale);
        int above = b.sub(one, high);
        int lost = b.sub(b.sub(b.sub(one, above), high), b.mul(tail.low, scale));
        int product = b.select(b.lt(x, b.constant(0)), below, b.fma(x, above, b.mul(x, lost)));
        // From here on Φ is 1; at ∞ what is put back would be ∞ · 0.
        return b.select(b.gt(x, b.constant(20)), x, product);
    }
}
