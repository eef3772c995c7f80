package dev.gatun.tests.conformance;

import dev.gatun.kernels.expr.UnaryFunction;

/// The pointwise operations on tensors, once more, each as a formula over its operands. An operation that is missing
/// here fails the kit.
final class PointwiseFormulas {
    private PointwiseFormulas() {
    }

    static double of(String op, double[] v) {
        double x = v[0];
        double y = v.length > 1 ? v[1] : Double.NaN;
        return switch (op) {
            case "add" -> x + y;
            case "sub" -> x - y;
            case "mul" -> x * y;
            case "div" -> x / y;
            case "pow" -> StrictMath.pow(x, y);
            case "remainder" -> x - y * StrictMath.floor(x / y);
            case "maximum" -> x > y ? x : y;
            case "minimum" -> x < y ? x : y;
            case "neg" -> -x;
            case "abs" -> x < 0 ? -x : x;
            case "sqrt" -> StrictMath.sqrt(x);
            case "rsqrt" -> 1 / StrictMath.sqrt(x);
            case "square" -> x * x;
            case "reciprocal" -> 1 / x;
            case "exp" -> StrictMath.exp(x);
            case "expm1" -> StrictMath.expm1(x);
            case "log" -> StrictMath.log(x);
            case "log1p" -> StrictMath.log1p(x);
            case "sin" -> StrictMath.sin(x);
            case "cos" -> StrictMath.cos(x);
            case "tanh" -> StrictMath.tanh(x);
            case "sigmoid" -> 1 / (1 + StrictMath.exp(-x));
            case "softplus" -> StrictMath.log1p(StrictMath.exp(x));
            case "erf" -> Formulas.erf(x);
            case "relu" -> x > 0 ? x : 0;
            case "gelu" -> x * Formulas.normalCdf(x);
            case "silu" -> x / (1 + StrictMath.exp(-x));
            case "floor" -> Formulas.unary(UnaryFunction.FLOOR, x);
            case "ceil" -> Formulas.unary(UnaryFunction.CEIL, x);
            case "round" -> Formulas.unary(UnaryFunction.ROUND, x);
            case "sign" -> x > 0 ? 1 : x < 0 ? -1 : 0;
            case "clamp" -> x < y ? y : x > v[2] ? v[2] : x;
            case "where" -> x != 0 ? y : v[2];
            case "eq" -> truth(x == y);
            case "ne" -> truth(x != y);
            case "lt" -> truth(x < y);
            case "le" -> truth(x <= y);
            case "gt" -> truth(x > y);
            case "ge" -> truth(x >= y);
            case "logicalAnd" -> truth(x != 0 && y != 0);
            case "logicalOr" -> truth(x != 0 || y != 0);
            case "logicalNot" -> truth(x == 0);
            case "isNan" -> truth(x != x);
            default -> throw new AssertionError("no formula for the pointwise operation " + op);
        };
    }

    /// Where the operation is defined and smooth.
    static Domain domain(String op, int operand) {
        return switch (op) {
            case "sqrt", "rsqrt", "log", "reciprocal" -> Domain.POSITIVE;
            case "log1p" -> Domain.uniform(-0.5, 2);
            case "div", "remainder" -> operand == 1 ? Domain.POSITIVE : Domain.uniform(0.1, 0.45);
            case "pow" -> operand == 0 ? Domain.POSITIVE : Domain.NORMAL;
            case "abs", "relu", "sign" -> AWAY;
            case "floor", "ceil", "round" -> (i, random) -> random.nextInt(-4, 4) + random.nextDouble(0.1, 0.4);
            case "clamp" -> operand == 0 ? Domain.NORMAL
                    : operand == 1 ? Domain.uniform(-1, -0.5)
                            : Domain.uniform(0.5, 1);
            case "where", "logicalAnd", "logicalOr", "logicalNot" -> operand == 0 ? Domain.BITS : Domain.NORMAL;
            case "eq", "ne", "lt", "le", "gt", "ge" -> Domain.TIES;
            case "isNan" -> Domain.SOME_NAN;
            default -> Domain.NORMAL;
        };
    }

    /// Both signs, away from 0.
    static final Domain AWAY = (_, random) -> (random.nextBoolean() ? 1 : -1) * random.nextDouble(0.2, 2);

    private static double truth(boolean b) {
        return b ? 1 : 0;
    }
}
