package dev.gatun.kernels.expr;

/// The error function `erf(x) = 2/√π · ∫₀ˣ e^(−t²) dt` in double.
///
/// Up to 2.5 the series `2/√π · e^(−x²) · Σ 2ⁿx²ⁿ⁺¹/(1·3·5…(2n+1))` (Abramowitz and Stegun 7.1.6), all of whose terms
/// are positive, so nothing cancels. Beyond, 1 minus the continued fraction of the complement (7.1.14), evaluated from
/// its tail; the complement is under 5·10⁻⁴ there, so its own error is far under one unit in the last place of erf.
public final class ErrorFunction {
    private static final double SERIES_END = 2.5;
    private static final int FRACTION_TERMS = 60;
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    private ErrorFunction() {}

    /// erf(x); NaN for NaN, ±1 at ±∞, −0 for −0.
    public static double erf(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x) || x == 0) {
            return x;
        }
        double value = a < SERIES_END ? series(a) : a < 6 ? 1 - complement(a) : 1;
        return Math.copySign(value, x);
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
        return 2 / SQRT_PI * StrictMath.exp(-a * a) * sum;
    }

    private static double complement(double a) {
        double tail = a;
        for (int n = FRACTION_TERMS; n >= 1; n--) {
            tail = a + n / 2.0 / tail;
        }
        return StrictMath.exp(-a * a) / (SQRT_PI * tail);
    }
}
