package dev.gatun.kernels.codegen;

/// Maths: x = k·π/2 + r, |r| ≤ π/4; ± sin r or ± cos r by k mod 4.
/// Layout: none, straight-line lane code.
/// Blocking: none; π/2 in three parts with fused multiply-adds, good to |x| = 48000; larger arguments lane by lane.
/// Minimax fits: sin degree 9, cos degree 8 (2e-10 relative).
/// Registers: about 16 for constants and values.
/// Evidence: MathAccuracyTest, all floats in its slow part; figures in docs/numerics.md.
final class TrigFunctions {
    private static final double LARGE = 48000;

    private TrigFunctions() {}

    static int sin(ProgramBuilder b, int x) {
        int y = quadrant(b, x, 0);
        // −0 and subnormals: the reduction adds +0.
        y = b.select(b.lt(b.abs(x), b.constant(0x1p-13)), x, y);
        return b.fallback(Fallback.SIN, y, x, x, large(b, x));
    }

    static int cos(ProgramBuilder b, int x) {
        return b.fallback(Fallback.COS, quadrant(b, x, 1), x, x, large(b, x));
    }

    private static int large(ProgramBuilder b, int x) {
        return b.not(b.le(b.abs(x), b.constant(LARGE)));
    }

    /// sin(x + turn·π/2).
    private static int quadrant(ProgramBuilder b, int x, int turn) {
        int rounder = b.constant(ExpFunctions.ROUNDER);
        int t = b.fma(x, b.constant(0x1.45f306p-1), rounder);
        int k = b.sub(t, rounder);
        int r = b.fma(k, b.constant(-0x1.921fb6p0), x);
        r = b.fma(k, b.constant(0x1.777a5cp-25), r);
        r = b.fma(k, b.constant(0x1.ee59dap-50), r);
        int s = b.mul(r, r);
        int sin = b.fma(
                b.mul(r, s), b.polynomial(s, -0.16666667, 0.0083333785, -0.00019852571, 2.8265138e-06), r);
        int cos = b.fma(
                b.mul(s, s), b.polynomial(s, 0.041666668, -0.0013888978, 2.4820974e-05, -2.8768068e-07),
                b.fma(s, b.constant(-0.5), b.constant(1)));
        int n = b.iadd(b.asInteger(t), b.integer(turn));
        int even = b.ieq(b.iand(n, b.integer(1)), b.integer(0));
        int sign = b.shl(b.iand(n, b.integer(2)), 30);
        return b.asFloat(b.ixor(b.asInteger(b.select(even, sin, cos)), sign));
    }
}
