package dev.gatun.kernels.codegen;

/// Maths: x^y.
/// Layout: none, straight-line lane code.
/// Blocking: none; exponents −1, ½, 1, 2, 3 that are constants by multiplication, division, root; else lane by lane.
/// Registers: few.
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
        int zero = b.constant(0);
        return b.fallback(Fallback.POW, x, x, y, b.eq(zero, zero));
    }
}
