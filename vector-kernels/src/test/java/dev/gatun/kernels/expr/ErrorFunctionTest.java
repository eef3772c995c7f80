package dev.gatun.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Values from published tables (Abramowitz and Stegun, and the DLMF), and what must hold everywhere.
class ErrorFunctionTest {
    @Test
    void tabulated() {
        near(ErrorFunction.erf(0.1), 0.1124629160182849);
        near(ErrorFunction.erf(0.5), 0.5204998778130465);
        near(ErrorFunction.erf(1), 0.8427007929497149);
        near(ErrorFunction.erf(2), 0.9953222650189527);
        near(ErrorFunction.erf(3), 0.9999779095030014);
        near(ErrorFunction.normalCdf(-1), 0.15865525393145705);
        near(ErrorFunction.normalCdf(-10), 7.619853024160527e-24);
        near(ErrorFunction.normalCdf(2), 0.9772498680518208);
    }

    @Test
    void oddAndSaturating() {
        for (double x = -7; x <= 7; x += 0.01) {
            assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
            near(ErrorFunction.normalCdf(x) + ErrorFunction.normalCdf(-x), 1);
        }
        assertThat(ErrorFunction.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ErrorFunction.erf(-0.0)).isEqualTo(-0.0);
        assertThat(ErrorFunction.erf(Double.NaN)).isNaN();
        assertThat(ErrorFunction.normalCdf(Double.NaN)).isNaN();
        assertThat(ErrorFunction.normalCdf(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(ErrorFunction.normalCdf(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(ErrorFunction.erf(Double.MIN_VALUE)).isEqualTo(Double.MIN_VALUE);
    }

    /// Where series and fraction meet, and everywhere else: the derivative is that of the definition.
    @Test
    void derivative() {
        for (double x = 0.013; x < 4; x += 0.037) {
            double h = 1e-4;
            double slope = (ErrorFunction.erf(x + h) - ErrorFunction.erf(x - h)) / (2 * h);
            assertThat(slope).isCloseTo(
                    2 / Math.sqrt(Math.PI) * Math.exp(-x * x), org.assertj.core.data.Offset.offset(2e-8));
        }
    }

    private static void near(double actual, double expected) {
        assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(4e-15 * Math.abs(expected));
    }
}
