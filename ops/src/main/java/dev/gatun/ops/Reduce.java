package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.Substitution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = fold over the reduced dims of map(x₀, x₁, …)`, the operands broadcast: a sum of squares or of a product needs
/// no intermediate tensor.
///
/// @param name the name in messages and graphs
/// @param reduction how values are folded
/// @param map what is folded, over the operands
/// @param operands how many operands there are
/// @param axes the reduced dims, ascending, counted from the front
/// @param keepDim whether reduced dims stay with size 1
public record Reduce(
        String name, Reduction reduction, Expr map, int operands, List<Integer> axes, boolean keepDim) implements Op {
    /// Copies the list.
    public Reduce {
        axes = List.copyOf(axes);
    }

    /// One operand, folded as it is.
    public static Reduce of(String name, Reduction reduction, int[] axes, boolean keepDim) {
        return new Reduce(name, reduction, Expr.input(0), 1, Arrays.stream(axes).boxed().toList(), keepDim);
    }

    private int[] axisArray() {
        return axes.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name, inputs, operands);
        Shape shape = common(inputs);
        DType type = inputs.getFirst().dtype();
        if (type.isFloating()) {
            Arity.sameType(name, inputs);
        } else if (reduction == Reduction.MEAN || inputs.stream().anyMatch(s -> s.dtype().isFloating())) {
            Arity.floating(name, inputs);
        } else {
            type = DType.I64;
        }
        if (reduction == Reduction.MAX || reduction == Reduction.MIN) {
            for (int axis : axes) {
                if (shape.dim(axis) == 0) {
                    throw new IllegalArgumentException(
                            name + ": nothing has no extreme: shape " + shape + " reduced over dims " + axes);
                }
            }
        }
        return List.of(new Signature(type, shape.reduced(axisArray(), keepDim)));
    }

    private Shape common(List<Signature> inputs) {
        Shape shape = inputs.getFirst().shape();
        for (Signature s : inputs) {
            shape = Shape.broadcast(name, shape, s.shape());
        }
        return shape;
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        int[] dims = common(in.stream().map(v -> new Signature(v.dtype(), Shape.of(v))).toList()).dims();
        List<View> expanded = in.stream().map(v -> v.expand(dims)).toList();
        View target = kept(out.getFirst(), dims, axes, keepDim);
        return kernels.reduce().reduce(reduction, map, expanded, target);
    }

    /// The output with size 1 where a dim of `dims` is reduced, as kernels want it.
    static View kept(View target, int[] dims, List<Integer> axes, boolean keepDim) {
        int[] kept = new int[dims.length];
        int[] strides = new int[dims.length];
        int next = 0;
        for (int i = 0; i < dims.length; i++) {
            boolean reduced = axes.contains(i);
            kept[i] = reduced ? 1 : dims[i];
            strides[i] = reduced ? 0 : target.stride(keepDim ? i : next);
            next += reduced ? 0 : 1;
        }
        return target.restride(0, kept, strides);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        List<Signature> inputs = new ArrayList<>();
        for (int i = 0; i < operands; i++) {
            inputs.add(context.inputSignature(i));
        }
        Shape full = common(inputs);
        Shape kept = full.reduced(axisArray(), true);
        int folded = kept.count() == 0 ? 0 : full.count() / kept.count();
        Tensor gradient = context.gradient().reshape(kept.dims());
        Tensor each = switch (reduction) {
            case SUM -> gradient.expand(full.dims());
            case MEAN -> gradient.div(folded).expand(full.dims());
            case MAX, MIN -> shared(context, gradient, kept);
            case PROD -> productOfOthers(context, gradient, kept);
        };
        List<@Nullable Tensor> results = new ArrayList<>();
        for (int i = 0; i < operands; i++) {
            results.add(context.needs(i) ? through(context, each, i) : null);
        }
        return results;
    }

    /// Chains the gradient of a folded value into operand `index` of the map.
    private Tensor through(Backward context, Tensor each, int index) {
        if (map.equals(Expr.input(index))) {
            return Gradients.sumTo(each, context.inputSignature(index));
        }
        Tensor[] all = new Tensor[operands + 1];
        for (int i = 0; i < operands; i++) {
            all[i] = context.input(i);
        }
        all[operands] = each;
        // The result itself (number `operands`) is in no derivative; its place goes to the gradient.
        List<Expr> numbers = new ArrayList<>();
        for (int i = 0; i < operands + 2; i++) {
            numbers.add(Expr.input(Math.min(i, operands)));
        }
        Expr chained = Substitution.of(Gradients.derived(map, operands, index), numbers);
        Pointwise op = new Pointwise(name + " gradient", operands + 1, chained, List.of(), Typing.PROMOTED);
        return Gradients.sumTo(Tensor.applyOne(op, all), context.inputSignature(index));
    }

    private Tensor mapped(Backward context) {
        if (map.equals(Expr.input(0))) {
            return context.input(0);
        }
        Tensor[] all = new Tensor[operands];
        Arrays.setAll(all, context::input);
        return Tensor.applyOne(new Pointwise(name, operands, map, List.of(), Typing.PROMOTED), all);
    }

    /// Equal extremes share the gradient evenly.
    private Tensor shared(Backward context, Tensor gradient, Shape kept) {
        Tensor extreme = context.output(0).reshape(kept.dims());
        Tensor values = mapped(context);
        Expr isExtreme = Expr.input(0).apply(BinaryFunction.EQ, Expr.input(1));
        Tensor ties = Tensor.applyOne(new Reduce("ties", Reduction.SUM, isExtreme, 2, axes, true), values, extreme);
        return values.eq(extreme).mul(gradient.div(ties));
    }

    /// Gradient of a product: the product of the other factors, right with a factor of zero too.
    private Tensor productOfOthers(Backward context, Tensor gradient, Shape kept) {
        Tensor values = mapped(context);
        Tensor isZero = values.eq(0);
        Tensor zeros = isZero.to(values.dtype()).sum(axisArray(), true);
        Tensor nonZero = Tensor.where(isZero, Tensor.onesLike(values), values);
        Tensor rest = nonZero.prod(axisArray(), true);
        Tensor others = Tensor.where(zeros.eq(0), rest.div(nonZero),
                Tensor.where(zeros.eq(1).logicalAnd(isZero), rest, Tensor.zerosLike(rest)));
        return others.mul(gradient);
    }

    @Override
    public boolean savesInput(int index) {
        return switch (reduction) {
            case SUM, MEAN -> !map.equals(Expr.input(0));
            case MAX, MIN, PROD -> true;
        };
    }

    @Override
    public boolean savesOutput(int index) {
        return reduction == Reduction.MAX || reduction == Reduction.MIN;
    }
}
