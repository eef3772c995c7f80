package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes one expression as nodes. Equal parts of it are written once. A comparison gives a truth value (BOOL in ONNX)
/// and is converted where a number is needed; scalars stay scalars.
final class ExprWriter {
    /// Something that nodes can read: its name, its shape, and whether it is BOOL (else it has the writer's type).
    record Operand(String name, Shape shape, boolean truth) {}

    private final Emission out;
    private final String op;
    private final DType type;
    private final List<Operand> inputs;
    private final Map<Expr, Operand> written = new HashMap<>();

    ExprWriter(Emission out, String op, DType type, List<Operand> inputs) {
        this.out = out;
        this.op = op;
        this.type = type;
        this.inputs = inputs;
    }

    /// The whole expression; the result has this signature.
    String write(Expr expr, Signature result) {
        Operand done = write(expr);
        if (!done.shape.equals(result.shape())) {
            throw new OnnxExportException(op, "its result has shape " + result.shape()
                    + ", but what it reads broadcasts to " + done.shape);
        }
        if (done.truth != (result.dtype() == DType.BOOL)) {
            return out.cast(done.name, done.shape, result.dtype());
        }
        return done.name;
    }

    private Operand write(Expr expr) {
        Operand operand = written.get(expr);
        if (operand == null) {
            operand = pattern(expr);
            if (operand == null) {
                operand = plain(expr);
            }
            written.put(expr, operand);
        }
        return operand;
    }

    private @Nullable Operand pattern(Expr expr) {
        ExprPatterns.Found found = ExprPatterns.find(expr);
        if (found == null) {
            return null;
        }
        Operand x = number(write(found.x()));
        String[] all = new String[1 + found.scalars().size()];
        all[0] = x.name;
        for (int i = 1; i < all.length; i++) {
            all[i] = out.scalar(type, found.scalars().get(i - 1));
        }
        return new Operand(out.emit(new Signature(type, x.shape), found.operator(), found.attributes(), all), x.shape,
                false);
    }

    private Operand plain(Expr expr) {
        return switch (expr) {
            case Expr.Input i -> inputs.get(i.index());
            case Expr.Constant c -> new Operand(out.scalar(type, c.value()), Shape.SCALAR, false);
            case Expr.Unary u -> unary(u.function(), write(u.x()));
            case Expr.Binary b -> binary(b.function(), write(b.x()), write(b.y()));
            case Expr.Fma f -> {
                Operand product = node("Mul", false, number(write(f.x())), number(write(f.y())));
                yield node("Add", false, product, number(write(f.z())));
            }
            case Expr.Select s -> node("Where", false, truth(write(s.condition())), number(write(s.then())),
                    number(write(s.otherwise())));
        };
    }

    private Operand unary(UnaryFunction function, Operand x) {
        return switch (function) {
            case NEG -> node("Neg", false, number(x));
            case ABS -> node("Abs", false, number(x));
            case SQRT -> node("Sqrt", false, number(x));
            case EXP -> node("Exp", false, number(x));
            case EXPM1 -> node("Sub", false, node("Exp", false, number(x)), constant(1));
            case LOG -> node("Log", false, number(x));
            case LOG1P -> node("Log", false, node("Add", false, number(x), constant(1)));
            case TANH -> node("Tanh", false, number(x));
            case SIGMOID -> node("Sigmoid", false, number(x));
            case SOFTPLUS -> node("Softplus", false, number(x));
            case ERF -> node("Erf", false, number(x));
            case NORMAL_CDF -> {
                Operand erf = node("Erf", false, node("Mul", false, number(x), constant(Math.sqrt(0.5))));
                yield node("Mul", false, node("Add", false, erf, constant(1)), constant(0.5));
            }
            case SIN -> node("Sin", false, number(x));
            case COS -> node("Cos", false, number(x));
            case FLOOR -> node("Floor", false, number(x));
            case CEIL -> node("Ceil", false, number(x));
            case ROUND -> node("Round", false, number(x));
            case SIGN -> node("Sign", false, number(x));
            case IS_NAN -> node("IsNaN", true, number(x));
            case NOT -> x.truth ? node("Not", true, x) : node("Equal", true, x, constant(0));
        };
    }

    private Operand binary(BinaryFunction function, Operand x, Operand y) {
        return switch (function) {
            case ADD -> node("Add", false, number(x), number(y));
            case SUB -> node("Sub", false, number(x), number(y));
            case MUL -> node("Mul", false, number(x), number(y));
            case DIV -> node("Div", false, number(x), number(y));
            case MAX -> node("Max", false, number(x), number(y));
            case MIN -> node("Min", false, number(x), number(y));
            case POW -> node("Pow", false, number(x), number(y));
            case REMAINDER -> {
                if (type.isFloating()) {
                    throw new OnnxExportException(op,
                            "ONNX's remainder of fractions has the sign of the dividend, not of the divisor");
                }
                yield node("Mod", false, number(x), number(y));
            }
            case LT -> node("Less", true, number(x), number(y));
            case LE -> node("LessOrEqual", true, number(x), number(y));
            case GT -> node("Greater", true, number(x), number(y));
            case GE -> node("GreaterOrEqual", true, number(x), number(y));
            case EQ -> node("Equal", true, number(x), number(y));
            case NE -> node("Not", true, node("Equal", true, number(x), number(y)));
            case AND -> node("And", true, truth(x), truth(y));
            case OR -> node("Or", true, truth(x), truth(y));
        };
    }

    private Operand constant(double value) {
        return new Operand(out.scalar(type, value), Shape.SCALAR, false);
    }

    private Operand number(Operand x) {
        return x.truth ? new Operand(out.cast(x.name, x.shape, type), x.shape, false) : x;
    }

    private Operand truth(Operand x) {
        return x.truth ? x : new Operand(out.cast(x.name, x.shape, DType.BOOL), x.shape, true);
    }

    private Operand node(String operator, boolean truth, Operand... operands) {
        Shape shape = operands[0].shape;
        String[] names = new String[operands.length];
        for (int i = 0; i < operands.length; i++) {
            shape = Shape.broadcast(op, shape, operands[i].shape);
            names[i] = operands[i].name;
        }
        Map<String, Attribute> none = Map.of();
        return new Operand(out.emit(new Signature(truth ? DType.BOOL : type, shape), operator, none, names), shape,
                truth);
    }
}
