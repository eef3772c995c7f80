package dev.gatun.ops.graph;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Copy;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.ViewOp;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/// Between which numbers a value is sure to lie, as far as types, constants and simple arithmetic tell; anything that
/// is not known may be anything, NaN included.
record Bounds(double low, double high) {
    static final Bounds UNKNOWN = new Bounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    private static final Bounds TRUTH = new Bounds(0, 1);

    /// Of the numbers of `value`, which `producers` compute.
    static Bounds of(Value value, Map<Value, Step> producers) {
        if (value.isConstant()) {
            return of(value.tensor());
        }
        switch (value.signature().dtype()) {
            case BOOL -> {
                return TRUTH;
            }
            case U8 -> {
                return new Bounds(0, 255);
            }
            case I32 -> {
                return new Bounds(Integer.MIN_VALUE, Integer.MAX_VALUE);
            }
            case I64 -> {
                return new Bounds(Long.MIN_VALUE, Long.MAX_VALUE);
            }
            case F32, F64 -> {
                Step step = producers.get(value);
                if (step != null && step.op() instanceof Pointwise p) {
                    return of(p.expr(), step.inputs(), producers);
                }
                return step != null && (step.op() instanceof ViewOp || step.op() instanceof Copy)
                        ? of(step.inputs().getFirst(), producers)
                        : UNKNOWN;
            }
        }
        return UNKNOWN;
    }

    private static Bounds of(Tensor numbers) {
        double[] all = numbers.toDoubles();
        return all.length == 0 || DoubleStream.of(all).anyMatch(Double::isNaN) ? UNKNOWN
                : new Bounds(DoubleStream.of(all).min().orElse(0), DoubleStream.of(all).max().orElse(0));
    }

    private static Bounds of(Expr expr, List<Value> operands, Map<Value, Step> producers) {
        return switch (expr) {
            case Expr.Input input -> of(operands.get(input.index()), producers);
            case Expr.Constant c -> new Bounds(c.value(), c.value());
            case Expr.Select s -> of(s.then(), operands, producers).or(of(s.otherwise(), operands, producers));
            case Expr.Binary b -> {
                Bounds x = of(b.x(), operands, producers);
                Bounds y = of(b.y(), operands, producers);
                yield switch (b.function()) {
                    case ADD -> ends(x.low + y.low, x.high + y.high);
                    case SUB -> ends(x.low - y.high, x.high - y.low);
                    case MUL -> ends(x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high);
                    case EQ, NE, LT, LE, GT, GE, AND, OR -> TRUTH;
                    default -> UNKNOWN;
                };
            }
            case Expr.Unary u -> switch (u.function()) {
                case NOT, IS_NAN -> TRUTH;
                case NEG -> {
                    Bounds x = of(u.x(), operands, producers);
                    yield ends(-x.high, -x.low);
                }
                default -> UNKNOWN;
            };
            case Expr.Fma _ -> UNKNOWN;
        };
    }

    private Bounds or(Bounds other) {
        return ends(low, high, other.low, other.high);
    }

    private static Bounds ends(double... ends) {
        double low = DoubleStream.of(ends).min().orElse(Double.NaN);
        double high = DoubleStream.of(ends).max().orElse(Double.NaN);
        // Beyond the range of F32 an infinity is made on the way, whatever comes after.
        return low >= -Float.MAX_VALUE && high <= Float.MAX_VALUE ? new Bounds(low, high) : UNKNOWN;
    }

    /// True when no number is as large as `limit`, and none is NaN.
    boolean within(double limit) {
        return low > -limit && high < limit;
    }
}
