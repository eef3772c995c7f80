package dev.gatun.kernels.codegen;

/// The functions of expressions in exact 64-bit integers, called by generated code under the lower-case names of the
/// enum constants. Functions that have no integer meaning (e^x …) are computed in double and truncated.
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

    static long sqrt(long x) {
        return (long) DoubleFunctions.sqrt(x);
    }

    static long exp(long x) {
        return (long) DoubleFunctions.exp(x);
    }

    static long expm1(long x) {
        return (long) DoubleFunctions.expm1(x);
    }

    static long log(long x) {
        return (long) DoubleFunctions.log(x);
    }

    static long log1p(long x) {
        return (long) DoubleFunctions.log1p(x);
    }

    static long tanh(long x) {
        return (long) DoubleFunctions.tanh(x);
    }

    static long sigmoid(long x) {
        return (long) DoubleFunctions.sigmoid(x);
    }

    static long softplus(long x) {
        return (long) DoubleFunctions.softplus(x);
    }

    static long erf(long x) {
        return (long) DoubleFunctions.erf(x);
    }

    static long normal_cdf(long x) {
        return (long) DoubleFunctions.normal_cdf(x);
    }

    static long sin(long x) {
        return (long) DoubleFunctions.sin(x);
    }

    static long cos(long x) {
        return (long) DoubleFunctions.cos(x);
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

    static long div(long x, long y) {
        return x / y;
    }

    static long max(long x, long y) {
        return Math.max(x, y);
    }

    static long min(long x, long y) {
        return Math.min(x, y);
    }

    static long remainder(long x, long y) {
        return Math.floorMod(x, y);
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

    static long fma(long x, long y, long z) {
        return x * y + z;
    }

    static long select(long condition, long then, long otherwise) {
        return condition != 0 ? then : otherwise;
    }

    /// Exact power modulo 2⁶⁴; a negative exponent gives the truncated fraction.
    static long pow(long x, long y) {
        if (y < 0) {
            return x == 1 ? 1 : x == -1 ? (y & 1) == 0 ? 1 : -1 : 0;
        }
        long power = 1;
        long base = x;
        for (long n = y; n != 0; n >>>= 1) {
            if ((n & 1) != 0) {
                power *= base;
            }
            base *= base;
        }
        return power;
    }
}
