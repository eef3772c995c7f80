package dev.gatun.kernels.expr;

/// Value of an expression at one point, straight from its definition: in double by [StrictMath], or exactly in 64-bit
/// integers. What the compiled kernels are held against.
public final class Evaluation {
    private Evaluation() {}

    /// `e(in[0], in[1], …)` in double.
    public static double evaluate(Expr e, double[] in) {
        return switch (e) {
            case Expr.Input(int i) -> in[i];
            case Expr.Constant(double v) -> v;
            case Expr.Unary(UnaryFunction f, Expr x) -> apply(f, evaluate(x, in));
            case Expr.Binary(BinaryFunction f, Expr x, Expr y) -> apply(f, evaluate(x, in), evaluate(y, in));
            case Expr.Fma(Expr x, Expr y, Expr z) ->
                    StrictMath.fma(evaluate(x, in), evaluate(y, in), evaluate(z, in));
            case Expr.Select(Expr c, Expr then, Expr otherwise) ->
                    evaluate(c, in) != 0 ? evaluate(then, in) : evaluate(otherwise, in);
        };
    }

    /// `e(in[0], in[1], …)` in 64-bit integers that wrap; comparisons give 1 or 0. Division truncates towards zero.
    /// Throws [ArithmeticException] for a division by 0, whichever branch of a selection it is in.
    public static long evaluateIntegers(Expr e, long[] in) {
        return switch (e) {
            case Expr.Input(int i) -> in[i];
            case Expr.Constant(double v) -> (long) v;
            case Expr.Unary(UnaryFunction f, Expr x) -> applyInteger(f, evaluateIntegers(x, in));
            case Expr.Binary(BinaryFunction f, Expr x, Expr y) ->
                    applyInteger(f, evaluateIntegers(x, in), evaluateIntegers(y, in));
            case Expr.Fma(Expr x, Expr y, Expr z) ->
                    evaluateIntegers(x, in) * evaluateIntegers(y, in) + evaluateIntegers(z, in);
            case Expr.Select(Expr c, Expr then, Expr otherwise) -> {
                long a = evaluateIntegers(then, in);
                long b = evaluateIntegers(otherwise, in);
                yield evaluateIntegers(c, in) != 0 ? a : b;
            }
        };
    }

    /// How many operands the expression needs: 1 + the largest input number, 0 without inputs.
    public static int inputCount(Expr e) {
        return switch (e) {
            case Expr.Input(int i) -> i + 1;
            case Expr.Constant _ -> 0;
            case Expr.Unary(UnaryFunction _, Expr x) -> inputCount(x);
            case Expr.Binary(BinaryFunction _, Expr x, Expr y) -> Math.max(inputCount(x), inputCount(y));
            case Expr.Fma(Expr x, Expr y, Expr z) -> Math.max(inputCount(x), Math.max(inputCount(y), inputCount(z)));
            case Expr.Select(Expr c, Expr x, Expr y) -> Math.max(inputCount(c), Math.max(inputCount(x), inputCount(y)));
        };
    }

    /// The expression with every constant rounded to binary32, as F32 arithmetic sees it.
    public static Expr singleConstants(Expr e) {
        return switch (e) {
            case Expr.Input _ -> e;
            case Expr.Constant(double v) -> new Expr.Constant((float) v);
            case Expr.Unary(UnaryFunction f, Expr x) -> new Expr.Unary(f, singleConstants(x));
            case Expr.Binary(BinaryFunction f, Expr x, Expr y) ->
                    new Expr.Binary(f, singleConstants(x), singleConstants(y));
            case Expr.Fma(Expr x, Expr y, Expr z) ->
                    new Expr.Fma(singleConstants(x), singleConstants(y), singleConstants(z));
            case Expr.Select(Expr c, Expr x, Expr y) ->
                    new Expr.Select(singleConstants(c), singleConstants(x), singleConstants(y));
        };
    }

    /// True when integer evaluation may throw: somewhere it divides.
    public static boolean divides(Expr e) {
        return switch (e) {
            case Expr.Input _,Expr.Constant _ -> false;
            case Expr.Unary(UnaryFunction _, Expr x) -> divides(x);
            case Expr.Binary(BinaryFunction f, Expr x, Expr y) ->
                    f == BinaryFunction.DIV
                            || f == BinaryFunction.REMAINDER
                            || f == BinaryFunction.POW
                            || divides(x)
                            || divides(y);
            case Expr.Fma(Expr x, Expr y, Expr z) -> divides(x) || divides(y) || divides(z);
            case Expr.Select(Expr c, Expr x, Expr y) -> divides(c) || divides(x) || divides(y);
        };
    }

    /// Throws [IllegalArgumentException] when the expression has no exact meaning for integers: a function such as the
    /// exponential, or a constant that is not an integer. `op` opens the message.
    public static void checkIntegers(String op, Expr e) {
        switch (e) {
            case Expr.Input _ -> {}
            case Expr.Constant(double v) -> {
                if (v != StrictMath.rint(v) || Math.abs(v) > 0x1p53) {
                    throw new IllegalArgumentException(
                            op + ": among integers the constant must be one: " + v + "; convert to F32 or F64 first");
                }
            }
            case Expr.Unary(UnaryFunction f, Expr x) -> {
                boolean exact = switch (f) {
                    case NEG, ABS, FLOOR, CEIL, ROUND, SIGN, IS_NAN, NOT -> true;
                    case SQRT, EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS, ERF, NORMAL_CDF, SIN, COS -> false;
                };
                if (!exact) {
                    throw new IllegalArgumentException(
                            op + ": not defined for integers: " + f + "; convert to F32 or F64 first");
                }
                checkIntegers(op, x);
            }
            case Expr.Binary(BinaryFunction _, Expr x, Expr y) -> {
                checkIntegers(op, x);
                checkIntegers(op, y);
            }
            case Expr.Fma(Expr x, Expr y, Expr z) -> {
                checkIntegers(op, x);
                checkIntegers(op, y);
                checkIntegers(op, z);
            }
            case Expr.Select(Expr c, Expr x, Expr y) -> {
                checkIntegers(op, c);
                checkIntegers(op, x);
                checkIntegers(op, y);
            }
        }
    }

    /// `f(x)` in double.
    public static double apply(UnaryFunction f, double x) {
        return switch (f) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SQRT -> StrictMath.sqrt(x);
            case EXP -> StrictMath.exp(x);
            case EXPM1 -> StrictMath.expm1(x);
            case LOG -> StrictMath.log(x);
            case LOG1P -> StrictMath.log1p(x);
            case TANH -> StrictMath.tanh(x);
            case SIGMOID -> sigmoid(x);
            case SOFTPLUS -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
            case ERF -> ErrorFunction.erf(x);
            case NORMAL_CDF -> ErrorFunction.normalCdf(x);
            case SIN -> StrictMath.sin(x);
            case COS -> StrictMath.cos(x);
            case FLOOR -> StrictMath.floor(x);
            case CEIL -> StrictMath.ceil(x);
            case ROUND -> StrictMath.rint(x);
            case SIGN -> Math.signum(x);
            case IS_NAN -> truth(Double.isNaN(x));
            case NOT -> truth(x == 0);
        };
    }

    /// `f(x, y)` in double.
    public static double apply(BinaryFunction f, double x, double y) {
        return switch (f) {
            case ADD -> x + y;
            case SUB -> x - y;
            case MUL -> x * y;
            case DIV -> x / y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
            case POW -> StrictMath.pow(x, y);
            case REMAINDER -> remainder(x, y);
            case LT -> truth(x < y);
            case LE -> truth(x <= y);
            case GT -> truth(x > y);
            case GE -> truth(x >= y);
            case EQ -> truth(x == y);
            case NE -> truth(x != y);
            case AND -> truth(x != 0 && y != 0);
            case OR -> truth(x != 0 || y != 0);
        };
    }

    private static long applyInteger(UnaryFunction f, long x) {
        return switch (f) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Long.signum(x);
            case NOT -> x == 0 ? 1 : 0;
            case IS_NAN -> 0;
            case FLOOR, CEIL, ROUND -> x;
            case SQRT, EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS, ERF, NORMAL_CDF, SIN, COS ->
                    throw new IllegalArgumentException("expression: not defined for integers: " + f);
        };
    }

    private static long applyInteger(BinaryFunction f, long x, long y) {
        return switch (f) {
            case ADD -> x + y;
            case SUB -> x - y;
            case MUL -> x * y;
            case DIV -> x / y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
            case POW -> power(x, y);
            case REMAINDER -> Math.floorMod(x, y);
            case LT -> x < y ? 1 : 0;
            case LE -> x <= y ? 1 : 0;
            case GT -> x > y ? 1 : 0;
            case GE -> x >= y ? 1 : 0;
            case EQ -> x == y ? 1 : 0;
            case NE -> x != y ? 1 : 0;
            case AND -> x != 0 && y != 0 ? 1 : 0;
            case OR -> x != 0 || y != 0 ? 1 : 0;
        };
    }

    /// Two forms, so that neither end overflows and tiny results keep their digits.
    private static double sigmoid(double x) {
        if (x >= 0) {
            return 1 / (1 + StrictMath.exp(-x));
        }
        double e = StrictMath.exp(x);
        return e / (1 + e);
    }

    private static double remainder(double x, double y) {
        double r = x % y;
        return r != 0 && (r < 0) != (y < 0) ? r + y : r;
    }

    private static long power(long x, long y) {
        if (y < 0) {
            return 1 / (x == 1 || x == 0 ? x : x == -1 ? ((y & 1) == 0 ? 1 : -1) : 2);
        }
        long result = 1;
        long square = x;
        for (long n = y; n != 0; n >>>= 1) {
            if ((n & 1) != 0) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }

    private static double truth(boolean b) {
        return b ? 1 : 0;
    }
}
