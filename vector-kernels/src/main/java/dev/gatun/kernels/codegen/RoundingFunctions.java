package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;

/// Maths: |x| + 2²³ − 2²³ (2⁵² in F64) is |x| rounded to an integer, ties to even; larger numbers are integers already.
/// Layout: none, straight-line lane code.
/// Blocking: none; floor and ceil correct the rounded number by one.
/// Registers: 6.
/// Evidence: MathAccuracyTest compares with StrictMath exactly.
final class RoundingFunctions {
    private RoundingFunctions() {}

    static int round(ProgramBuilder b, DType dtype, int x) {
        int big = b.constant(dtype == DType.F32 ? 0x1p23 : 0x1p52);
        int a = b.abs(x);
        int rounded = b.withSignOf(b.sub(b.add(a, big), big), x);
        return b.select(b.lt(a, big), rounded, x);
    }

    static int floor(ProgramBuilder b, DType dtype, int x) {
        int r = round(b, dtype, x);
        return b.select(b.gt(r, x), b.shifted(r, -1), r);
    }

    /// −floor(−x), which gives −0 for −1 < x < 0 as StrictMath does.
    static int ceil(ProgramBuilder b, DType dtype, int x) {
        return b.neg(floor(b, dtype, b.neg(x)));
    }

    static int sign(ProgramBuilder b, int x) {
        int zero = b.constant(0);
        int y = b.select(b.gt(x, zero), b.constant(1), x);
        return b.select(b.lt(x, zero), b.constant(-1), y);
    }

    /// x − trunc(x/y)·y, exact by one fused multiply-add while the quotient has at most 22 bits (when x/y is rounded up
    /// to an integer the result is short by one y and has the wrong sign), then moved to the sign of y. The rest goes
    /// lane by lane.
    static int remainder(ProgramBuilder b, int x, int y) {
        int zero = b.constant(0);
        int quotient = b.div(x, y);
        int whole = floor(b, DType.F32, quotient);
        int r = b.fma(b.neg(whole), y, x);
        // floor of the rounded quotient can be one too large: then r has the sign opposite to y.
        int wrong = b.and(b.ne(r, zero), b.ne(b.withSignOf(b.constant(1), r), b.withSignOf(b.constant(1), y)));
        r = b.select(wrong, b.add(r, y), r);
        r = b.select(b.eq(r, zero), b.withSignOf(zero, x), r);
        int simple = b.and(b.lt(b.abs(quotient), b.constant(0x1p22)), b.gt(b.abs(y), b.constant(0x1p-100)));
        simple = b.and(simple, b.gt(b.abs(x), b.constant(0x1p-100)));
        // An infinite y times the quotient 0 would be NaN.
        simple = b.and(simple, b.lt(b.abs(y), b.constant(0x1p127)));
        return b.fallback(Fallback.REMAINDER, r, x, y, b.not(simple));
    }
}
