package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.Substitution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = expr(x₀, x₁, …)` at every element of the broadcast operands.
///
/// `gradients` has one expression per operand, over the operands, then the result (number `operands`), then the result's
/// gradient (number `operands + 1`); empty, they are derived from `expr`. So an activation that is known by its
/// result, like the sigmoid, saves that and nothing else.
///
/// @param name the name in messages and graphs
/// @param operands how many operands there are
/// @param expr the function
/// @param gradients the gradient of each operand, or none at all to derive them
/// @param typing how the element type of the result is chosen
public record Pointwise(String name, int operands, Expr expr, List<Expr> gradients, Typing typing) implements Op {
    private static final Expr UNREAD = Expr.constant(Double.NaN);

    /// Copies the list; throws when it has neither no gradient nor one per operand.
    public Pointwise {
        gradients = List.copyOf(gradients);
        if (!gradients.isEmpty() && gradients.size() != operands) {
            throw new IllegalArgumentException(
                    name + ": one gradient per operand is needed: " + gradients.size() + " for " + operands);
        }
    }

    /// A function whose gradients are derived from its expression, once.
    public static Pointwise of(String name, int operands, Expr expr) {
        List<Expr> gradients = new ArrayList<>();
        for (int i = 0; i < operands; i++) {
            gradients.add(Gradients.derived(expr, operands, i));
        }
        return new Pointwise(name, operands, expr, gradients, Typing.FLOATING);
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name, inputs, operands);
        Shape shape = inputs.getFirst().shape();
        for (Signature s : inputs) {
            shape = Shape.broadcast(name, shape, s.shape());
        }
        return List.of(new Signature(typing.of(inputs), shape));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        int[] dims = out.getFirst().dims();
        List<View> expanded = new ArrayList<>(in.size());
        for (View v : in) {
            expanded.add(Arrays.equals(v.dims(), dims) ? v : v.expand(dims));
        }
        return kernels.pointwise().map(List.of(expr), expanded, out);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        List<@Nullable Tensor> results = new ArrayList<>();
        for (int i = 0; i < operands; i++) {
            results.add(context.needs(i) ? gradient(context, i) : null);
        }
        return results;
    }

    private Tensor gradient(Backward context, int index) {
        Signature wanted = context.inputSignature(index);
        Expr full = gradientOf(index);
        List<Tensor> read = new ArrayList<>();
        List<Expr> renumbered = new ArrayList<>(Collections.nCopies(operands + 2, UNREAD));
        for (int i = 0; i < operands + 2; i++) {
            if (Operands.reads(full, i)) {
                renumbered.set(i, Expr.input(read.size()));
                read.add(i < operands ? context.input(i) : i == operands ? context.output(0) : context.gradient());
            }
        }
        Expr compact = Substitution.of(full, renumbered);
        Shape shape = context.outputSignature(0).shape();
        if (read.isEmpty()) {
            double value = compact instanceof Expr.Constant c ? c.value() : Double.NaN;
            return Tensor.full(wanted.dtype(), wanted.shape(), value * shape.count() / wanted.shape().count());
        }
        if (compact.equals(Expr.input(0))) {
            return Gradients.sumTo(read.getFirst(), wanted);
        }
        if (wanted.shape().equals(shape)) {
            return applyTo(read, new Pointwise(
                    name + " gradient", read.size(), compact, List.of(), Typing.of(wanted.dtype())));
        }
        return Gradients.sumTo(compact, read, name + " gradient", shape, wanted);
    }

    private static Tensor applyTo(List<Tensor> operands, Op op) {
        return Tensor.applyOne(op, operands.toArray(Tensor[]::new));
    }

    private Expr gradientOf(int index) {
        return gradients.isEmpty() ? Gradients.derived(expr, operands, index) : gradients.get(index);
    }

    @Override
    public boolean savesInput(int index) {
        return reads(index);
    }

    @Override
    public boolean savesOutput(int index) {
        return reads(operands);
    }

    private boolean reads(int number) {
        for (int i = 0; i < operands; i++) {
            if (Operands.reads(gradientOf(i), number)) {
                return true;
            }
        }
        return false;
    }

    /// Converts to `type`: floats to integers truncated and saturated, anything to BOOL by "not zero".
    static Pointwise conversion(DType type) {
        return new Pointwise("to", 1, Expr.input(0), List.of(Expr.input(2)), Typing.of(type));
    }
}
