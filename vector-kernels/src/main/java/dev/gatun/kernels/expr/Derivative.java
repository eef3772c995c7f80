package dev.gatun.kernels.expr;

/// Partial derivatives of expressions, as expressions. At corners: |x| has 0 at 0; max and min of equal operands share
/// evenly, but against a constant it is 0, so that `max(x, 0)` is the ReLU; comparisons and roundings have derivative 0.
/// Terms that are plainly 0 or 1 are left out.
public final class Derivative {
    private static final Expr ZERO = Expr.constant(0);
    private static final Expr ONE = Expr.constant(1);

    private Derivative() {}

    /// Derivative of `expr` with respect to input `index`; `constant(0)` when it does not depend on it.
    public static Expr of(Expr expr, int index) {
        return switch (expr) {
            case Expr.Input i -> i.index() == index ? ONE : ZERO;
            case Expr.Constant c -> ZERO;
            case Expr.Unary u -> chained(u, of(u.x(), index));
            case Expr.Binary b -> binary(b, of(b.x(), index), of(b.y(), index));
            case Expr.Fma f -> plus(
                    plus(times(of(f.x(), index), f.y()), times(f.x(), of(f.y(), index))), of(f.z(), index));
            case Expr.Select s -> select(s.condition(), of(s.then(), index), of(s.otherwise(), index));
        };
    }

    private static Expr chained(Expr.Unary u, Expr dx) {
        if (dx.equals(ZERO)) {
            return ZERO;
        }
        Expr x = u.x();
        Expr slope = switch (u.function()) {
            case NEG -> Expr.constant(-1);
            case ABS -> x.apply(UnaryFunction.SIGN);
            case SQRT -> Expr.constant(0.5).over(u);
            case EXP -> u;
            case EXPM1 -> u.plus(1);
            case LOG -> ONE.over(x);
            case LOG1P -> ONE.over(x.plus(1));
            case TANH -> ONE.minus(u.times(u));
            case SIGMOID -> u.times(ONE.minus(u));
            case SOFTPLUS -> x.apply(UnaryFunction.SIGMOID);
            case ERF -> x.times(x).negated().apply(UnaryFunction.EXP).times(2 / Math.sqrt(Math.PI));
            case NORMAL_CDF -> x.times(x).times(-0.5).apply(UnaryFunction.EXP).times(1 / Math.sqrt(2 * Math.PI));
            case SIN -> x.apply(UnaryFunction.COS);
            case COS -> x.apply(UnaryFunction.SIN).negated();
            case FLOOR, CEIL, ROUND, SIGN, IS_NAN, NOT -> ZERO;
        };
        return times(dx, slope);
    }

    private static Expr binary(Expr.Binary b, Expr dx, Expr dy) {
        Expr x = b.x();
        Expr y = b.y();
        return switch (b.function()) {
            case ADD -> plus(dx, dy);
            case SUB -> minus(dx, dy);
            case MUL -> plus(times(dx, y), times(x, dy));
            case DIV -> minus(dx.equals(ZERO) ? ZERO : dx.over(y), dy.equals(ZERO) ? ZERO : times(dy, b.over(y)));
            case MAX -> share(x, y, BinaryFunction.GT, dx, dy);
            case MIN -> share(x, y, BinaryFunction.LT, dx, dy);
            case POW -> plus(
                    times(dx, select(y.apply(BinaryFunction.EQ, ZERO), ZERO,
                            y.times(x.apply(BinaryFunction.POW, y.minus(1))))),
                    times(dy, select(x.apply(BinaryFunction.EQ, ZERO), ZERO, b.times(x.apply(UnaryFunction.LOG)))));
            case REMAINDER -> minus(dx, times(dy, x.over(y).apply(UnaryFunction.FLOOR)));
            case LT, LE, GT, GE, EQ, NE, AND, OR -> ZERO;
        };
    }

    private static Expr share(Expr x, Expr y, BinaryFunction wins, Expr dx, Expr dy) {
        if (Evaluation.inputCount(y) == 0) {
            return select(x.apply(wins, y), dx, ZERO);
        }
        if (Evaluation.inputCount(x) == 0) {
            return select(y.apply(wins, x), dy, ZERO);
        }
        Expr half = times(plus(dx, dy), Expr.constant(0.5));
        return select(x.apply(wins, y), dx, select(x.apply(BinaryFunction.EQ, y), half, dy));
    }

    private static Expr select(Expr condition, Expr then, Expr otherwise) {
        return then.equals(otherwise) ? then : Expr.select(condition, then, otherwise);
    }

    private static Expr plus(Expr a, Expr b) {
        return a.equals(ZERO) ? b : b.equals(ZERO) ? a : a.plus(b);
    }

    private static Expr minus(Expr a, Expr b) {
        return b.equals(ZERO) ? a : a.equals(ZERO) ? b.negated() : a.minus(b);
    }

    private static Expr times(Expr a, Expr b) {
        return a.equals(ZERO) || b.equals(ZERO) ? ZERO : a.equals(ONE) ? b : b.equals(ONE) ? a : a.times(b);
    }
}
