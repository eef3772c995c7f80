package dev.gatun.onnx;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.onnx.file.Attribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Expressions that ONNX has one operator for.
final class ExprPatterns {
    /// An operator over `x` and further scalar operands.
    record Found(String operator, Map<String, Attribute> attributes, Expr x, List<Double> scalars) {}

    private static final Expr X = Expr.input(0);
    private static final Expr ZERO = Expr.constant(0);
    private static final Expr POSITIVE = X.apply(BinaryFunction.GT, ZERO);

    private static final Expr RELU = X.max(ZERO);
    private static final Expr CLIP = X.max(Expr.input(1)).min(Expr.input(2));
    private static final Expr GELU = X.times(X.apply(UnaryFunction.NORMAL_CDF));
    private static final Expr GELU_TANH = X.times(0.5).times(X.plus(X.times(X).times(X).times(0.044715))
            .times(Math.sqrt(2 / Math.PI)).apply(UnaryFunction.TANH).plus(1));
    private static final Expr LEAKY_RELU = Expr.select(POSITIVE, X, X.times(Expr.input(1)));
    private static final Expr ELU =
            Expr.select(POSITIVE, X, X.apply(UnaryFunction.EXPM1).times(Expr.input(1)));
    private static final Expr RECIPROCAL = Expr.constant(1).over(X);

    private ExprPatterns() {}

    /// The operator that computes the whole of `expr`, or null.
    static @Nullable Found find(Expr expr) {
        List<Expr> bound = new ArrayList<>();
        if (matches(RELU, expr, bound)) {
            return new Found("Relu", Map.of(), bound.getFirst(), List.of());
        }
        if (matches(CLIP, expr, bound) && bound.get(1) instanceof Expr.Constant low
                && bound.get(2) instanceof Expr.Constant high) {
            return new Found("Clip", Map.of(), bound.getFirst(), List.of(low.value(), high.value()));
        }
        if (matches(GELU, expr, bound)) {
            return new Found("Gelu", Map.of(), bound.getFirst(), List.of());
        }
        if (matches(GELU_TANH, expr, bound)) {
            return new Found("Gelu", Map.of("approximate", Attribute.of("tanh")), bound.getFirst(), List.of());
        }
        if (matches(LEAKY_RELU, expr, bound) && bound.get(1) instanceof Expr.Constant slope) {
            return new Found("LeakyRelu", Map.of("alpha", Attribute.of(slope.value())), bound.getFirst(), List.of());
        }
        if (matches(ELU, expr, bound) && bound.get(1) instanceof Expr.Constant alpha) {
            return new Found("Elu", Map.of("alpha", Attribute.of(alpha.value())), bound.getFirst(), List.of());
        }
        if (matches(RECIPROCAL, expr, bound)) {
            return new Found("Reciprocal", Map.of(), bound.getFirst(), List.of());
        }
        return null;
    }

    /// True when `expr` is `pattern` with one expression for each of its inputs; `bound` then holds them.
    private static boolean matches(Expr pattern, Expr expr, List<Expr> bound) {
        bound.clear();
        return unify(pattern, expr, bound);
    }

    private static boolean unify(Expr pattern, Expr expr, List<Expr> bound) {
        return switch (pattern) {
            case Expr.Input input -> {
                if (input.index() == bound.size()) {
                    bound.add(expr);
                }
                yield input.index() < bound.size() && bound.get(input.index()).equals(expr);
            }
            case Expr.Constant c -> c.equals(expr);
            case Expr.Unary u ->
                    expr instanceof Expr.Unary e && e.function() == u.function() && unify(u.x(), e.x(), bound);
            case Expr.Binary b -> expr instanceof Expr.Binary e && e.function() == b.function()
                    && unify(b.x(), e.x(), bound) && unify(b.y(), e.y(), bound);
            case Expr.Fma f -> expr instanceof Expr.Fma e && unify(f.x(), e.x(), bound) && unify(f.y(), e.y(), bound)
                    && unify(f.z(), e.z(), bound);
            case Expr.Select s -> expr instanceof Expr.Select e && unify(s.condition(), e.condition(), bound)
                    && unify(s.then(), e.then(), bound) && unify(s.otherwise(), e.otherwise(), bound);
        };
    }
}
