package dev.gatun.kernels.codegen;

/// The functions of expressions in exact 64-bit integers, called by generated code under the lower-case names of the
/// enum constants. Those that divide, and so can trap, are not here.
public final class LongFunctions {
    private LongFunctions() {}

    static long neg(long x) {
        return -x;
    }

    static long abs(long x) {
        return Math.abs(x);
    }

    static long floor(long x) {
        return x;
    }

    static long ceil(long x) {
        return x;
    }

    static long round(long x) {
        return x;
    }

    static long sign(long x) {
        return Long.signum(x);
    }

    static long is_nan(long x) {
        return 0;
    }

    static long not(long x) {
        return x == 0 ? 1 : 0;
    }

    static long add(long x, long y) {
        return x + y;
    }

    static long sub(long x, long y) {
        return x - y;
    }

    static long mul(long x, long y) {
        return x * y;
    }

    static long max(long x, long y) {
        return Math.max(x, y);
    }

    static long min(long x, long y) {
        return Math.min(x, y);
    }

    static long lt(long x, long y) {
        return x < y ? 1 : 0;
    }

    static long le(long x, long y) {
        return x <= y ? 1 : 0;
    }

    static long gt(long x, long y) {
        return x > y ? 1 : 0;
    }

    static long ge(long x, long y) {
        return x >= y ? 1 : 0;
    }

    static long eq(long x, long y) {
        return x == y ? 1 : 0;
    }

    static long ne(long x, long y) {
        return x != y ? 1 : 0;
    }

    static long and(long x, long y) {
        return x != 0 && y != 0 ? 1 : 0;
    }

    static long or(long x, long y) {
        return x != 0 || y != 0 ? 1 : 0;
    }
}
