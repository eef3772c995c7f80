package dev.gatun.ops;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.List;

/// The pointwise operations of [Tensor], one entry each: function, gradients (over operands, then result, then the
/// result's gradient), type of the result. Where a function of the result is at hand, as with the exponential, the
/// gradient uses it, so that the operand need not be saved.
public final class PointwiseTable {
    private static final Expr X = Expr.input(0);
    private static final Expr Y = Expr.input(1);
    private static final Expr ZERO = Expr.constant(0);
    private static final Expr ONE = Expr.constant(1);

    /// `x + y`.
    public static final Pointwise ADD = two("add", X.plus(Y), grad(2), grad(2), Typing.PROMOTED);
    /// `x − y`.
    public static final Pointwise SUB = two("sub", X.minus(Y), grad(2), grad(2).negated(), Typing.PROMOTED);
    /// `x · y`.
    public static final Pointwise MUL = two("mul", X.times(Y), grad(2).times(Y), grad(2).times(X), Typing.PROMOTED);
    /// `x / y`; floating-point also for integers.
    public static final Pointwise DIV =
            two("div", X.over(Y), grad(2).over(Y), grad(2).times(result(2)).over(Y).negated(), Typing.FLOATING);
    /// `xʸ`. The gradient of y is 0 where x is 0 and y ≥ 0.
    public static final Pointwise POW = two("pow", X.apply(BinaryFunction.POW, Y),
            Expr.select(is(BinaryFunction.EQ, Y, ZERO), ZERO,
                    grad(2).times(Y).times(X.apply(BinaryFunction.POW, Y.minus(1)))),
            Expr.select(is(BinaryFunction.EQ, X, ZERO).apply(BinaryFunction.AND, is(BinaryFunction.GE, Y, ZERO)), ZERO,
                    grad(2).times(result(2)).times(X.apply(UnaryFunction.LOG))),
            Typing.PROMOTED);
    /// `x mod y` with the sign of y.
    public static final Pointwise REMAINDER = two("remainder", X.apply(BinaryFunction.REMAINDER, Y), grad(2),
            grad(2).times(X.over(Y).apply(UnaryFunction.FLOOR)).negated(), Typing.PROMOTED);
    /// Larger of the two; equal ones share the gradient.
    public static final Pointwise MAXIMUM = two("maximum", X.max(Y),
            shared(BinaryFunction.GT, X, Y), shared(BinaryFunction.GT, Y, X), Typing.PROMOTED);
    /// Smaller of the two; equal ones share the gradient.
    public static final Pointwise MINIMUM = two("minimum", X.min(Y),
            shared(BinaryFunction.LT, X, Y), shared(BinaryFunction.LT, Y, X), Typing.PROMOTED);

    /// `−x`.
    public static final Pointwise NEG = one("neg", X.negated(), grad(1).negated(), Typing.PROMOTED);
    /// `|x|`, derivative 0 at 0.
    public static final Pointwise ABS = one("abs", X.apply(UnaryFunction.ABS),
            grad(1).times(X.apply(UnaryFunction.SIGN)), Typing.PROMOTED);
    /// Square root.
    public static final Pointwise SQRT = one("sqrt", X.apply(UnaryFunction.SQRT),
            grad(1).over(result(1).times(2)), Typing.FLOATING);
    /// `1 / √x`.
    public static final Pointwise RSQRT = one("rsqrt", ONE.over(X.apply(UnaryFunction.SQRT)),
            grad(1).times(-0.5).times(result(1)).times(result(1)).times(result(1)), Typing.FLOATING);
    /// `x²`.
    public static final Pointwise SQUARE = one("square", X.times(X), grad(1).times(X.times(2)), Typing.PROMOTED);
    /// `1 / x`.
    public static final Pointwise RECIPROCAL = one("reciprocal", ONE.over(X),
            grad(1).times(result(1)).times(result(1)).negated(), Typing.FLOATING);
    /// `eˣ`.
    public static final Pointwise EXP =
            one("exp", X.apply(UnaryFunction.EXP), grad(1).times(result(1)), Typing.FLOATING);
    /// `eˣ − 1`.
    public static final Pointwise EXPM1 =
            one("expm1", X.apply(UnaryFunction.EXPM1), grad(1).times(result(1).plus(1)), Typing.FLOATING);
    /// Natural logarithm.
    public static final Pointwise LOG = one("log", X.apply(UnaryFunction.LOG), grad(1).over(X), Typing.FLOATING);
    /// `ln(1 + x)`.
    public static final Pointwise LOG1P =
            one("log1p", X.apply(UnaryFunction.LOG1P), grad(1).over(X.plus(1)), Typing.FLOATING);
    /// Sine.
    public static final Pointwise SIN =
            one("sin", X.apply(UnaryFunction.SIN), grad(1).times(X.apply(UnaryFunction.COS)), Typing.FLOATING);
    /// Cosine.
    public static final Pointwise COS = one("cos", X.apply(UnaryFunction.COS),
            grad(1).times(X.apply(UnaryFunction.SIN)).negated(), Typing.FLOATING);
    /// Hyperbolic tangent.
    public static final Pointwise TANH = one("tanh", X.apply(UnaryFunction.TANH),
            grad(1).times(ONE.minus(result(1).times(result(1)))), Typing.FLOATING);
    /// `1 / (1 + e⁻ˣ)`.
    public static final Pointwise SIGMOID = one("sigmoid", X.apply(UnaryFunction.SIGMOID),
            grad(1).times(result(1)).times(ONE.minus(result(1))), Typing.FLOATING);
    /// `ln(1 + eˣ)`.
    public static final Pointwise SOFTPLUS = one("softplus", X.apply(UnaryFunction.SOFTPLUS),
            grad(1).times(X.apply(UnaryFunction.SIGMOID)), Typing.FLOATING);
    /// Error function.
    public static final Pointwise ERF = one("erf", X.apply(UnaryFunction.ERF),
            grad(1).times(2 / Math.sqrt(Math.PI)).times(X.times(X).negated().apply(UnaryFunction.EXP)),
            Typing.FLOATING);
    /// `max(x, 0)`, derivative 0 at 0.
    public static final Pointwise RELU = one("relu", X.max(ZERO),
            Expr.select(is(BinaryFunction.LE, result(1), ZERO), ZERO, grad(1)), Typing.PROMOTED);
    /// `x · Φ(x)`, exact.
    public static final Pointwise GELU = one("gelu", X.times(X.apply(UnaryFunction.NORMAL_CDF)),
            grad(1).times(X.apply(UnaryFunction.NORMAL_CDF).plus(X.times(1 / Math.sqrt(2 * Math.PI))
                    .times(X.times(X).times(-0.5).apply(UnaryFunction.EXP)))),
            Typing.FLOATING);
    /// `x · sigmoid(x)`.
    public static final Pointwise SILU = one("silu", X.times(X.apply(UnaryFunction.SIGMOID)),
            grad(1).times(X.apply(UnaryFunction.SIGMOID))
                    .times(ONE.plus(X.times(ONE.minus(X.apply(UnaryFunction.SIGMOID))))),
            Typing.FLOATING);
    /// Largest integer ≤ x; derivative 0.
    public static final Pointwise FLOOR = one("floor", X.apply(UnaryFunction.FLOOR), ZERO, Typing.PROMOTED);
    /// Smallest integer ≥ x; derivative 0.
    public static final Pointwise CEIL = one("ceil", X.apply(UnaryFunction.CEIL), ZERO, Typing.PROMOTED);
    /// Nearest integer, ties to even; derivative 0.
    public static final Pointwise ROUND = one("round", X.apply(UnaryFunction.ROUND), ZERO, Typing.PROMOTED);
    /// −1, 0 or 1; derivative 0.
    public static final Pointwise SIGN = one("sign", X.apply(UnaryFunction.SIGN), ZERO, Typing.PROMOTED);

    /// `min(max(x, low), high)` over x, low, high; the gradient passes where `low ≤ x ≤ high`.
    public static final Pointwise CLAMP = new Pointwise("clamp", 3, X.max(Y).min(Expr.input(2)),
            List.of(Expr.select(is(BinaryFunction.GE, X, Y).apply(BinaryFunction.AND, is(BinaryFunction.LE, X,
                    Expr.input(2))), grad(3), ZERO),
                    Expr.select(is(BinaryFunction.LT, X, Y), grad(3), ZERO),
                    Expr.select(is(BinaryFunction.GT, X, Expr.input(2)), grad(3), ZERO)),
            Typing.PROMOTED);
    /// `condition ≠ 0 ? x : y` over condition, x, y; the condition has no gradient.
    public static final Pointwise WHERE = new Pointwise("where", 3, Expr.select(X, Y, Expr.input(2)),
            List.of(ZERO, Expr.select(X, grad(3), ZERO), Expr.select(X, ZERO, grad(3))), Typing.PROMOTED);

    /// 1 where x = y.
    public static final Pointwise EQ = truth("eq", BinaryFunction.EQ);
    /// 1 where x ≠ y.
    public static final Pointwise NE = truth("ne", BinaryFunction.NE);
    /// 1 where x < y.
    public static final Pointwise LT = truth("lt", BinaryFunction.LT);
    /// 1 where x ≤ y.
    public static final Pointwise LE = truth("le", BinaryFunction.LE);
    /// 1 where x > y.
    public static final Pointwise GT = truth("gt", BinaryFunction.GT);
    /// 1 where x ≥ y.
    public static final Pointwise GE = truth("ge", BinaryFunction.GE);
    /// 1 where both are not 0.
    public static final Pointwise AND = truth("logicalAnd", BinaryFunction.AND);
    /// 1 where either is not 0.
    public static final Pointwise OR = truth("logicalOr", BinaryFunction.OR);
    /// 1 where x is 0.
    public static final Pointwise NOT = one("logicalNot", X.apply(UnaryFunction.NOT), ZERO, Typing.TRUTH);
    /// 1 where x is NaN.
    public static final Pointwise IS_NAN = one("isNan", X.apply(UnaryFunction.IS_NAN), ZERO, Typing.TRUTH);

    private PointwiseTable() {}

    /// Every entry.
    public static List<Pointwise> all() {
        return List.of(ADD, SUB, MUL, DIV, POW, REMAINDER, MAXIMUM, MINIMUM, NEG, ABS, SQRT, RSQRT, SQUARE, RECIPROCAL,
                EXP, EXPM1, LOG, LOG1P, SIN, COS, TANH, SIGMOID, SOFTPLUS, ERF, RELU, GELU, SILU, FLOOR, CEIL, ROUND,
                SIGN, CLAMP, WHERE, EQ, NE, LT, LE, GT, GE, AND, OR, NOT, IS_NAN);
    }

    private static Expr result(int operands) {
        return Expr.input(operands);
    }

    private static Expr grad(int operands) {
        return Expr.input(operands + 1);
    }

    private static Expr is(BinaryFunction comparison, Expr x, Expr y) {
        return x.apply(comparison, y);
    }

    private static Expr shared(BinaryFunction wins, Expr x, Expr y) {
        return Expr.select(x.apply(wins, y), grad(2),
                Expr.select(is(BinaryFunction.EQ, x, y), grad(2).times(0.5), ZERO));
    }

    private static Pointwise one(String name, Expr expr, Expr gradient, Typing typing) {
        return new Pointwise(name, 1, expr, List.of(gradient), typing);
    }

    private static Pointwise two(String name, Expr expr, Expr gradientX, Expr gradientY, Typing typing) {
        return new Pointwise(name, 2, expr, List.of(gradientX, gradientY), typing);
    }

    private static Pointwise truth(String name, BinaryFunction function) {
        return new Pointwise(name, 2, X.apply(function, Y), List.of(ZERO, ZERO), Typing.TRUTH);
    }
}
