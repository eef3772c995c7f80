package dev.gatun.nn.layers;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.nn.Module;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.PointwiseTable;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.Typing;
import java.util.List;
import java.util.function.UnaryOperator;

/// A function of every element (or, for the softmax family, of every row) as a module without parameters. Derivatives
/// follow from the expression, but where PyTorch says otherwise at a kink.
public final class Activation extends Module {
    private static final Expr X = Expr.input(0);
    private static final Expr ZERO = Expr.constant(0);
    private static final Expr POSITIVE = X.apply(BinaryFunction.GT, ZERO);

    private final String name;
    private final UnaryOperator<Tensor> function;

    private Activation(String name, UnaryOperator<Tensor> function) {
        this.name = name;
        this.function = function;
    }

    /// Any pointwise operation of one operand.
    public static Activation of(Pointwise op) {
        return new Activation(op.name(), x -> Tensor.applyOne(op, x));
    }

    @Override
    protected Tensor compute(Tensor x) {
        return function.apply(x);
    }

    @Override
    protected String describe() {
        return name;
    }

    private static Activation of(String name, Expr expr) {
        return of(Pointwise.of(name, 1, expr));
    }

    /// `max(x, 0)`.
    public static Activation relu() {
        return of(PointwiseTable.RELU);
    }

    /// `x` for x > 0, else `slope·x` (0.01 in PyTorch).
    public static Activation leakyRelu(double slope) {
        return of("leakyRelu", Expr.select(POSITIVE, X, X.times(slope)));
    }

    /// `x` for x > 0, else `alpha·(eˣ − 1)`.
    public static Activation elu(double alpha) {
        return of("elu", Expr.select(POSITIVE, X, X.apply(UnaryFunction.EXPM1).times(alpha)));
    }

    /// [#elu] scaled so that mean 0 and variance 1 persist (Klambauer and others, 2017).
    public static Activation selu() {
        double alpha = 1.6732632423543772848170429916717;
        double scale = 1.0507009873554804934193349852946;
        return of("selu",
                Expr.select(POSITIVE, X.times(scale), X.apply(UnaryFunction.EXPM1).times(scale * alpha)));
    }

    /// `x·Φ(x)`.
    public static Activation gelu() {
        return of(PointwiseTable.GELU);
    }

    /// `½x·(1 + tanh(√(2/π)·(x + 0.044715x³)))`, which approximates [#gelu].
    public static Activation geluTanh() {
        Expr inner = X.plus(X.times(X).times(X).times(0.044715)).times(Math.sqrt(2 / Math.PI));
        return of("geluTanh", X.times(0.5).times(inner.apply(UnaryFunction.TANH).plus(1)));
    }

    /// `x·sigmoid(x)`, also called Swish.
    public static Activation silu() {
        return of(PointwiseTable.SILU);
    }

    /// `x·tanh(softplus(x))`.
    public static Activation mish() {
        return of("mish", X.times(X.apply(UnaryFunction.SOFTPLUS).apply(UnaryFunction.TANH)));
    }

    /// `1 / (1 + e⁻ˣ)`.
    public static Activation sigmoid() {
        return of(PointwiseTable.SIGMOID);
    }

    /// Hyperbolic tangent.
    public static Activation tanh() {
        return of(PointwiseTable.TANH);
    }

    /// `min(max(x, low), high)`; the derivative is 0 at both ends.
    public static Activation hardTanh(double low, double high) {
        return of(clipped("hardTanh", low, high));
    }

    /// `min(max(x, 0), 6)`.
    public static Activation relu6() {
        return of(clipped("relu6", 0, 6));
    }

    private static Pointwise clipped(String name, double low, double high) {
        return new Pointwise(name, 1, X.max(Expr.constant(low)).min(Expr.constant(high)),
                List.of(Expr.select(inside(low, high), Expr.input(2), ZERO)), Typing.PROMOTED);
    }

    private static Expr inside(double low, double high) {
        return X.apply(BinaryFunction.GT, Expr.constant(low)).apply(BinaryFunction.AND,
                X.apply(BinaryFunction.LT, Expr.constant(high)));
    }

    private static final Expr HARD = X.plus(3).max(ZERO).min(Expr.constant(6)).times(1 / 6.0);

    /// `min(max(x + 3, 0), 6) / 6`.
    public static Activation hardSigmoid() {
        return of(new Pointwise("hardSigmoid", 1, HARD,
                List.of(Expr.select(inside(-3, 3), Expr.input(2).times(1 / 6.0), ZERO)), Typing.FLOATING));
    }

    /// `x·min(max(x + 3, 0), 6) / 6`.
    public static Activation hardSwish() {
        Expr middle = Expr.input(2).times(X.times(1 / 3.0).plus(0.5));
        Expr below = X.apply(BinaryFunction.LT, Expr.constant(-3));
        Expr upTo = X.apply(BinaryFunction.LE, Expr.constant(3));
        return of(new Pointwise("hardSwish", 1, X.times(HARD),
                List.of(Expr.select(below, ZERO, Expr.select(upTo, middle, Expr.input(2)))), Typing.FLOATING));
    }

    /// `ln(1 + eˣ)`.
    public static Activation softplus() {
        return of(PointwiseTable.SOFTPLUS);
    }

    /// `x / (1 + |x|)`.
    public static Activation softsign() {
        return of("softsign", X.over(X.apply(UnaryFunction.ABS).plus(1)));
    }

    /// `ln sigmoid(x)`.
    public static Activation logSigmoid() {
        return of("logSigmoid", X.negated().apply(UnaryFunction.SOFTPLUS).negated());
    }

    /// `eˣ / Σ eˣ` along `dim`.
    public static Activation softmax(int dim) {
        return new Activation("softmax, dim=" + dim, x -> x.softmax(dim));
    }

    /// `x − ln Σ eˣ` along `dim`.
    public static Activation logSoftmax(int dim) {
        return new Activation("logSoftmax, dim=" + dim, x -> x.logSoftmax(dim));
    }
}
