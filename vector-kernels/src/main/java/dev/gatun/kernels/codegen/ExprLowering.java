package dev.gatun.kernels.codegen;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// From expressions to a [Program]. Conditions stay masks as long as only conditions ask for them; `x·σ(x)` and
/// `x·Φ(x)` (SiLU, GELU) become one function, because the product of two rounded factors has no digits left where the
/// second is subnormal.
public final class ExprLowering {
    private final ProgramBuilder b;
    private final DType dtype;
    private final Map<Expr, Integer> values = new IdentityHashMap<>();
    private final Map<Expr, Integer> masks = new IdentityHashMap<>();

    private ExprLowering(DType dtype) {
        this.dtype = dtype;
        b = new ProgramBuilder(dtype);
    }

    /// Lowers all outputs into one program. For F64 every expression must be [cheap][#isCheap]: its transcendental
    /// functions are scalar.
    public static Program lower(DType dtype, List<Expr> outputs) {
        ExprLowering lowering = new ExprLowering(dtype);
        return lowering.b.build(outputs.stream().map(lowering::value).toList());
    }

    /// True when the expression has a few instructions per function, no call and no polynomial: what may be done on
    /// the accumulators of a product while they are in registers.
    public static boolean isCheap(Expr e) {
        return switch (e) {
            case Expr.Input i -> true;
            case Expr.Constant c -> true;
            case Expr.Unary u -> isCheap(u.function()) && isCheap(u.x());
            case Expr.Binary y -> isCheap(y.function()) && isCheap(y.x()) && isCheap(y.y());
            case Expr.Fma f -> isCheap(f.x()) && isCheap(f.y()) && isCheap(f.z());
            case Expr.Select s -> isCheap(s.condition()) && isCheap(s.then()) && isCheap(s.otherwise());
        };
    }

    private static boolean isCheap(UnaryFunction f) {
        return switch (f) {
            case NEG, ABS, SQRT, FLOOR, CEIL, ROUND, SIGN, IS_NAN, NOT -> true;
            case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS, ERF, NORMAL_CDF, SIN, COS -> false;
        };
    }

    private static boolean isCheap(BinaryFunction f) {
        return switch (f) {
            case ADD, SUB, MUL, DIV, MAX, MIN, LT, LE, GT, GE, EQ, NE, AND, OR -> true;
            case POW, REMAINDER -> false;
        };
    }

    private int value(Expr e) {
        Integer old = values.get(e);
        if (old == null) {
            old = compute(e);
            values.put(e, old);
        }
        return old;
    }

    private int compute(Expr e) {
        return switch (e) {
            case Expr.Input i -> b.input(i.index());
            case Expr.Constant c -> b.constant(c.value());
            case Expr.Unary u -> unary(u);
            case Expr.Binary y -> binary(y);
            case Expr.Fma f -> b.fma(value(f.x()), value(f.y()), value(f.z()));
            case Expr.Select s -> b.select(mask(s.condition()), value(s.then()), value(s.otherwise()));
        };
    }

    private int unary(Expr.Unary u) {
        return switch (u.function()) {
            case NEG -> b.neg(value(u.x()));
            case ABS -> b.abs(value(u.x()));
            case SQRT -> b.sqrt(value(u.x()));
            case FLOOR -> RoundingFunctions.floor(b, dtype, value(u.x()));
            case CEIL -> RoundingFunctions.ceil(b, dtype, value(u.x()));
            case ROUND -> RoundingFunctions.round(b, dtype, value(u.x()));
            case SIGN -> RoundingFunctions.sign(b, value(u.x()));
            case IS_NAN, NOT -> number(mask(u));
            case EXP -> ExpFunctions.exp(b, single(u));
            case EXPM1 -> ExpFunctions.expm1(b, single(u));
            case LOG -> LogFunctions.log(b, single(u));
            case LOG1P -> LogFunctions.log1p(b, single(u));
            case TANH -> ExpFunctions.tanh(b, single(u));
            case SIGMOID -> ExpFunctions.sigmoid(b, single(u));
            case SOFTPLUS -> ExpFunctions.softplus(b, single(u));
            case ERF -> ErrorFunctions.erf(b, single(u));
            case NORMAL_CDF -> ErrorFunctions.normalCdf(b, single(u));
            case SIN -> TrigFunctions.sin(b, single(u));
            case COS -> TrigFunctions.cos(b, single(u));
        };
    }

    private int single(Expr.Unary u) {
        requireSingle(u.function());
        return value(u.x());
    }

    private void requireSingle(Enum<?> function) {
        if (dtype != DType.F32) {
            throw new IllegalArgumentException("lowering: " + function + " has vector code in F32 only, not " + dtype);
        }
    }

    private int binary(Expr.Binary e) {
        return switch (e.function()) {
            case ADD -> b.add(value(e.x()), value(e.y()));
            case SUB -> b.sub(value(e.x()), value(e.y()));
            case MUL -> product(e.x(), e.y());
            case DIV -> b.div(value(e.x()), value(e.y()));
            case MAX -> b.max(value(e.x()), value(e.y()));
            case MIN -> b.min(value(e.x()), value(e.y()));
            case POW -> {
                requireSingle(e.function());
                yield PowFunctions.pow(b, value(e.x()), value(e.y()));
            }
            case REMAINDER -> {
                requireSingle(e.function());
                yield RoundingFunctions.remainder(b, value(e.x()), value(e.y()));
            }
            case LT, LE, GT, GE, EQ, NE, AND, OR -> number(mask(e));
        };
    }

    private int product(Expr x, Expr y) {
        if (dtype == DType.F32) {
            if (y instanceof Expr.Unary u && u.x().equals(x) && isGate(u.function())) {
                return gated(u.function(), x);
            }
            if (x instanceof Expr.Unary u && u.x().equals(y) && isGate(u.function())) {
                return gated(u.function(), y);
            }
        }
        return b.mul(value(x), value(y));
    }

    private static boolean isGate(UnaryFunction f) {
        return f == UnaryFunction.SIGMOID || f == UnaryFunction.NORMAL_CDF;
    }

    private int gated(UnaryFunction f, Expr x) {
        return f == UnaryFunction.SIGMOID ? ExpFunctions.silu(b, value(x)) : ErrorFunctions.gelu(b, value(x));
    }

    private int number(int mask) {
        return b.select(mask, b.constant(1), b.constant(0));
    }

    private int mask(Expr e) {
        Integer old = masks.get(e);
        if (old == null) {
            old = condition(e);
            masks.put(e, old);
        }
        return old;
    }

    private int condition(Expr e) {
        if (e instanceof Expr.Binary y) {
            switch (y.function()) {
                case LT :
                    return b.lt(value(y.x()), value(y.y()));
                case LE :
                    return b.le(value(y.x()), value(y.y()));
                case GT :
                    return b.gt(value(y.x()), value(y.y()));
                case GE :
                    return b.ge(value(y.x()), value(y.y()));
                case EQ :
                    return b.eq(value(y.x()), value(y.y()));
                case NE :
                    return b.ne(value(y.x()), value(y.y()));
                case AND :
                    return b.and(mask(y.x()), mask(y.y()));
                case OR :
                    return b.or(mask(y.x()), mask(y.y()));
                case ADD, SUB, MUL, DIV, MAX, MIN, POW, REMAINDER :
                    break;
            }
        }
        if (e instanceof Expr.Unary u && u.function() == UnaryFunction.NOT) {
            return b.not(mask(u.x()));
        }
        if (e instanceof Expr.Unary u && u.function() == UnaryFunction.IS_NAN) {
            return b.ne(value(u.x()), value(u.x()));
        }
        return b.ne(value(e), b.constant(0));
    }
}
