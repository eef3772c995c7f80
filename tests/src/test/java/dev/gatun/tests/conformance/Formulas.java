package dev.gatun.tests.conformance;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.UnaryFunction;
import java.math.BigDecimal;
import java.math.MathContext;

/// Every pointwise function once more, written down without looking at the kernels: an expression cannot vouch for
/// itself.
final class Formulas {
    private static final MathContext DIGITS = new MathContext(140);
    private static final BigDecimal SQRT_PI = sqrtPi();

    private Formulas() {
    }

    static double unary(UnaryFunction f, double x) {
        return switch (f) {
            case NEG -> 0.0 - x == 0 ? Math.copySign(0, -Math.copySign(1, x)) : 0.0 - x;
            case ABS -> x < 0 ? -x : x == 0 ? 0 : x;
            case SQRT -> StrictMath.sqrt(x);
            case EXP -> StrictMath.exp(x);
            case EXPM1 -> StrictMath.expm1(x);
            case LOG -> StrictMath.log(x);
            case LOG1P -> StrictMath.log1p(x);
            case TANH -> StrictMath.tanh(x);
            // e^x/(1 + e^x), by a hyperbolic tangent where that overflows.
            case SIGMOID -> x < 30 ? StrictMath.exp(x) / (1 + StrictMath.exp(x)) : 1 - StrictMath.exp(-x);
            case SOFTPLUS -> x > 40 ? x : StrictMath.log1p(StrictMath.exp(x));
            case ERF -> erf(x);
            case NORMAL_CDF -> normalCdf(x);
            case SIN -> StrictMath.sin(x);
            case COS -> StrictMath.cos(x);
            case FLOOR -> Math.abs(x) < 1e15 ? Math.copySign(floor(x), x) : x;
            case CEIL -> Math.abs(x) < 1e15 ? Math.copySign(-floor(-x), x) : x;
            case ROUND -> Math.abs(x) < 1e15 ? Math.copySign(halfEven(x), x) : x;
            case SIGN -> x > 0 ? 1 : x < 0 ? -1 : x;
            case IS_NAN -> x != x ? 1 : 0;
            case NOT -> x == 0 ? 1 : 0;
        };
    }

    static double binary(BinaryFunction f, double x, double y) {
        return switch (f) {
            case ADD -> x + y;
            case SUB -> x - y;
            case MUL -> x * y;
            case DIV -> x / y;
            case MAX -> x != x || y != y ? Double.NaN : x > y ? x : y > x ? y : Math.copySign(1, x) > 0 ? x : y;
            case MIN -> x != x || y != y ? Double.NaN : x < y ? x : y < x ? y : Math.copySign(1, x) < 0 ? x : y;
            case POW -> StrictMath.pow(x, y);
            case REMAINDER -> remainder(x, y);
            case LT -> x < y ? 1 : 0;
            case LE -> x <= y ? 1 : 0;
            case GT -> x > y ? 1 : 0;
            case GE -> x >= y ? 1 : 0;
            case EQ -> x == y ? 1 : 0;
            case NE -> x == y ? 0 : 1;
            case AND -> x == 0 || y == 0 ? 0 : 1;
            case OR -> x == 0 && y == 0 ? 0 : 1;
        };
    }

    private static double remainder(double x, double y) {
        if (x != x || y != y || Double.isInfinite(x) || y == 0) {
            return Double.NaN;
        }
        if (Double.isInfinite(y)) {
            return x == 0 || x > 0 == y > 0 ? x : y;
        }
        BigDecimal m = new BigDecimal(x).remainder(new BigDecimal(y));
        if (m.signum() == 0) {
            return Math.copySign(0, x);
        }
        return (m.signum() > 0 != y > 0 ? m.add(new BigDecimal(y)) : m).doubleValue();
    }

    private static double floor(double x) {
        long n = (long) x;
        return n > x ? n - 1 : n;
    }

    private static double halfEven(double x) {
        double below = floor(x);
        double part = x - below;
        boolean up = part > 0.5 || (part == 0.5 && (long) below % 2 != 0);
        return up ? below + 1 : below;
    }

    /// The alternating Maclaurin series in 140 digits, which leaves more than double after all that cancels.
    static double erf(double x) {
        if (x != x || x == 0) {
            return x;
        }
        return Math.abs(x) > 6 ? Math.signum(x) : series(x).doubleValue();
    }

    static double normalCdf(double x) {
        if (x != x) {
            return x;
        }
        if (Math.abs(x) > 16) {
            return x > 0 ? 1 : 0;
        }
        BigDecimal z = new BigDecimal(x).divide(BigDecimal.TWO.sqrt(DIGITS), DIGITS);
        return BigDecimal.ONE.add(series(z)).divide(BigDecimal.TWO, DIGITS).doubleValue();
    }

    private static BigDecimal series(double x) {
        return series(new BigDecimal(x));
    }

    private static BigDecimal series(BigDecimal x) {
        BigDecimal square = x.multiply(x, DIGITS).negate();
        BigDecimal term = x;
        BigDecimal sum = x;
        for (int n = 1; n < 1200; n++) {
            term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
            BigDecimal next = term.divide(BigDecimal.valueOf(2L * n + 1), DIGITS);
            sum = sum.add(next, DIGITS);
            if (next.signum() == 0 || next.precision() - next.scale() < sum.precision() - sum.scale() - 130) {
                break;
            }
        }
        return sum.multiply(BigDecimal.TWO).divide(SQRT_PI, DIGITS);
    }

    /// √π by Machin's formula for π: 16·arctan(1/5) − 4·arctan(1/239).
    private static BigDecimal sqrtPi() {
        MathContext more = new MathContext(150);
        BigDecimal pi = arctan(5, more).multiply(BigDecimal.valueOf(16))
                .subtract(arctan(239, more).multiply(BigDecimal.valueOf(4)));
        return pi.sqrt(DIGITS);
    }

    private static BigDecimal arctan(int inverse, MathContext context) {
        BigDecimal power = BigDecimal.ONE.divide(BigDecimal.valueOf(inverse), context);
        BigDecimal sum = power;
        BigDecimal square = BigDecimal.valueOf((long) inverse * inverse).negate();
        for (int n = 1; n < 300; n++) {
            power = power.divide(square, context);
            sum = sum.add(power.divide(BigDecimal.valueOf(2L * n + 1), context));
        }
        return sum;
    }
}
