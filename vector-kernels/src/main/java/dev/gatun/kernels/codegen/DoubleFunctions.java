package dev.gatun.kernels.codegen;

/// The functions of expressions in double, called by generated code under the lower-case names of the enum constants.
/// The elementary ones are those of [StrictMath] (within 1 ULP, the same bits on every machine); erf and Φ by series
/// and continued fraction.
public final class DoubleFunctions {
    private static final double TWO_OVER_ROOT_PI = 1.1283791670955126;
    private static final double ROOT_PI = 1.7724538509055161;

    private DoubleFunctions() {}

    static double neg(double x) {
        return -x;
    }

    static double abs(double x) {
        return Math.abs(x);
    }

    static double sqrt(double x) {
        return Math.sqrt(x);
    }

    static double exp(double x) {
        return StrictMath.exp(x);
    }

    static double expm1(double x) {
        return StrictMath.expm1(x);
    }

    static double log(double x) {
        return StrictMath.log(x);
    }

    static double log1p(double x) {
        return StrictMath.log1p(x);
    }

    static double tanh(double x) {
        return StrictMath.tanh(x);
    }

    static double sin(double x) {
        return StrictMath.sin(x);
    }

    static double cos(double x) {
        return StrictMath.cos(x);
    }

    static double floor(double x) {
        return Math.floor(x);
    }

    static double ceil(double x) {
        return Math.ceil(x);
    }

    static double round(double x) {
        return Math.rint(x);
    }

    static double sign(double x) {
        return Math.signum(x);
    }

    static double is_nan(double x) {
        return x != x ? 1 : 0;
    }

    static double not(double x) {
        return x == 0 ? 1 : 0;
    }

    static double add(double x, double y) {
        return x + y;
    }

    static double sub(double x, double y) {
        return x - y;
    }

    static double mul(double x, double y) {
        return x * y;
    }

    static double div(double x, double y) {
        return x / y;
    }

    static double max(double x, double y) {
        return Math.max(x, y);
    }

    static double min(double x, double y) {
        return Math.min(x, y);
    }

    static double lt(double x, double y) {
        return x < y ? 1 : 0;
    }

    static double le(double x, double y) {
        return x <= y ? 1 : 0;
    }

    static double gt(double x, double y) {
        return x > y ? 1 : 0;
    }

    static double ge(double x, double y) {
        return x >= y ? 1 : 0;
    }

    static double eq(double x, double y) {
        return x == y ? 1 : 0;
    }

    static double ne(double x, double y) {
        return x != y ? 1 : 0;
    }

    static double and(double x, double y) {
        return x != 0 && y != 0 ? 1 : 0;
    }

    static double or(double x, double y) {
        return x != 0 || y != 0 ? 1 : 0;
    }

    static double pow(double x, double y) {
        return StrictMath.pow(x, y);
    }

    static double fma(double x, double y, double z) {
        return Math.fma(x, y, z);
    }

    static double select(double condition, double then, double otherwise) {
        return condition != 0 ? then : otherwise;
    }

    static double remainder(double x, double y) {
        double r = x % y;
        return r != 0 && r < 0 != y < 0 ? r + y : r;
    }

    static double sigmoid(double x) {
        double t = StrictMath.exp(-Math.abs(x));
        return x < 0 ? t / (1 + t) : 1 / (1 + t);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    static double erf(double x) {
        if (x != x) {
            return x;
        }
        double a = Math.abs(x);
        return a < 2 ? series(x) : Math.copySign(1 - tail(a), x);
    }

    static double normal_cdf(double x) {
        double a = Math.abs(x) * 0.7071067811865476;
        if (a < 1) {
            return 0.5 + 0.5 * series(x * 0.7071067811865476);
        }
        double t = 0.5 * gauss(x, 0.5) * fraction(a);
        return x < 0 ? t : 1 - t;
    }

    /// erf x = 2/√π · e^(−x²) · Σ 2^n·x^(2n+1)/(2n+1)!!, all terms of one sign (Abramowitz and Stegun 7.1.6).
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200 && Math.abs(term) > Math.abs(sum) * 1e-18; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * StrictMath.exp(-x * x) * sum;
    }

    /// erfc a for a ≥ 1.
    private static double tail(double a) {
        return gauss(a, 1) * fraction(a);
    }

    /// e^(−scale·x²), the square in two parts.
    private static double gauss(double x, double scale) {
        double square = x * x;
        double low = Math.fma(x, x, -square);
        return square > 2000 ? 0 : StrictMath.exp(-scale * square) * (1 - scale * low);
    }

    /// erfc(a)·e^(a²) by the continued fraction 7.1.14, from a depth that converges to double precision there.
    private static double fraction(double a) {
        double f = a;
        for (int n = a < 2 ? 200 : 60; n > 0; n--) {
            f = a + 0.5 * n / f;
        }
        return 1 / (f * ROOT_PI);
    }
}
