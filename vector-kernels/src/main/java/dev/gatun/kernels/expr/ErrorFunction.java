package dev.gatun.kernels.expr;

/// The error function `erf(x) = 2/√π · ∫₀ˣ e^(−t²) dt` and the normal distribution function in double.
///
/// Near 0 the series `2/√π · e^(−x²) · Σ 2ⁿx²ⁿ⁺¹/(1·3·5…(2n+1))` (Abramowitz and Stegun 7.1.6), all of whose terms are
/// positive, so nothing cancels. In the tails the continued fraction of the complement (7.1.14), evaluated from its
/// end, which keeps the relative error small however small the value.
public final class ErrorFunction {
    /// From here on the complement is under 5·10⁻⁴, so that its own error is far under one unit in the last place of erf.
    private static final double SERIES_END = 2.5;
    /// Enough for double precision from 1 on; the fraction converges like e^(−2x√(2·terms)).
    private static final int FRACTION_TERMS = 250;
    private static final double SQRT_PI = StrictMath.sqrt(StrictMath.PI);
    private static final double SQRT_HALF = StrictMath.sqrt(0.5);

    private ErrorFunction() {
    }

    /// erf(x); NaN for NaN, ±1 at ±∞, −0 for −0.
    public static double erf(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x) || x == 0) {
            return x;
        }
        double value = a < SERIES_END ? series(a) : a < 6 ? 1 - exp(-a * a, a, 1) / fraction(a) : 1;
        return Math.copySign(value, x);
    }

    /// Φ(x) = ½·(1 + erf(x/√2)).
    public static double normalCdf(double x) {
        double a = Math.abs(x) * SQRT_HALF;
        if (a < 1) {
            return 0.5 + 0.5 * erf(x * SQRT_HALF);
        }
        if (Double.isNaN(x)) {
            return x;
        }
        double tail = a > 28 ? 0 : 0.5 * exp(-0.5 * (x * x), x, 0.5) / fraction(a);
        return x < 0 ? tail : 1 - tail;
    }

    /// `e^square`, where square is −scale·x² rounded: makes up for what the rounding of x² lost.
    private static double exp(double square, double x, double scale) {
        return StrictMath.exp(square) * (1 - scale * StrictMath.fma(x, x, -(x * x)));
    }

    private static double series(double a) {
        double term = a;
        double sum = 0;
        double lost = 0;
        for (int n = 1; term > sum * 0x1p-60; n++) {
            // Compensated, as the terms first grow: the plain sum would cost several units in the last place.
            double y = term - lost;
            double t = sum + y;
            lost = t - sum - y;
            sum = t;
            term *= 2 * a * a / (2 * n + 1);
        }
        return 2 / SQRT_PI * exp(-a * a, a, 1) * sum;
    }

    /// `e^(−a²)/erfc(a)` for a of at least 1.
    private static double fraction(double a) {
        double tail = a;
        for (int n = FRACTION_TERMS; n >= 1; n--) {
            tail = a + n / 2.0 / tail;
        }
        return SQRT_PI * tail;
    }
}
