package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `C = epilogue(alpha·A·B, extras…)`: A `[…, m, k]`, B `[…, k, n]`, leading dims broadcast, and further operands that
/// broadcast to C as inputs 1, 2, … of the epilogue. An eager layer uses it with a bias; a plan puts residual and
/// activation there too. Differentiable when the epilogue is nothing or a bias.
///
/// @param alpha factor of the product
/// @param epilogue what happens to the product before it is stored; input 0 is the product
public record MatMul(double alpha, Expr epilogue) implements Fusible {
    /// The plain product.
    public static final MatMul PLAIN = new MatMul(1, Expr.input(0));

    /// Product plus bias, the third operand.
    public static final MatMul BIASED = new MatMul(1, Expr.input(0).plus(Expr.input(1)));

    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        if (inputs.size() < 2) {
            Arity.check(name(), inputs, 2);
        }
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        if (a.rank() < 2 || b.rank() < 2) {
            throw new IllegalArgumentException(name() + ": both operands need two dims at least: " + a + " and " + b);
        }
        if (a.dim(-1) != b.dim(-2)) {
            throw new IllegalArgumentException(name() + ": inner sizes differ: " + a + " and " + b + " (" + a.dim(-1)
                    + " against " + b.dim(-2) + ")");
        }
        Shape batch = Shape.broadcast(name(), leading(a), leading(b));
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[dims.length - 2] = a.dim(-2);
        dims[dims.length - 1] = b.dim(-1);
        Signature result = new Signature(inputs.getFirst().dtype(), new Shape(dims));
        checkExtras(name(), inputs, result.shape());
        return List.of(result);
    }

    static void checkExtras(String op, List<Signature> inputs, Shape result) {
        for (Signature extra : inputs.subList(2, inputs.size())) {
            if (!extra.shape().broadcastsTo(result)) {
                throw new IllegalArgumentException(
                        op + ": the added operand does not broadcast to the result: " + extra.shape() + " to "
                                + result);
            }
        }
    }

    private static Shape leading(Shape shape) {
        return new Shape(Arrays.copyOf(shape.dims(), shape.rank() - 2));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View c = out.getFirst();
        return kernels.gemm().gemm(
                alpha, batched(in.get(0), c), batched(in.get(1), c), 0, c, epilogue(epilogue, in, c));
    }

    @Override
    public long terms(int[] weights) {
        return weights[weights.length - 2];
    }

    @Override
    public MatMul withEpilogue(Expr other) {
        return new MatMul(alpha, other);
    }

    /// The product with B `[k, n]` packed: leading dims of A count as rows where its strides allow, else one product is
    /// made per index of the first dim.
    public Call bind(Kernels kernels, View a, PackedMatrix b, List<View> extras, View c) {
        List<View> operands = new ArrayList<>(List.of(a, c));
        extras.forEach(v -> operands.add(v.expand(c.dims())));
        List<Call> calls = new ArrayList<>();
        bindRows(kernels, operands, b, calls);
        return calls.size() == 1 ? calls.getFirst() : new Sequence(List.copyOf(calls));
    }

    private void bindRows(Kernels kernels, List<View> operands, PackedMatrix b, List<Call> calls) {
        if (operands.stream().allMatch(Strides::rowsMerge)) {
            List<View> rows = operands.stream().map(Strides::mergeRows).toList();
            Epilogue last = new Epilogue(epilogue, rows.subList(2, rows.size()));
            calls.add(kernels.gemm().gemm(alpha, rows.get(0), b, rows.get(1), last));
            return;
        }
        for (int i = 0; i < operands.getFirst().dim(0); i++) {
            int index = i;
            bindRows(kernels, operands.stream().map(v -> Strides.at(v, index)).toList(), b, calls);
        }
    }

    static Epilogue epilogue(Expr expr, List<View> in, View out) {
        return new Epilogue(expr, in.stream().skip(2).map(v -> v.expand(out.dims())).toList());
    }

    private static View batched(View operand, View c) {
        int[] dims = c.dims();
        dims[dims.length - 2] = operand.dim(operand.rank() - 2);
        dims[dims.length - 1] = operand.dim(operand.rank() - 1);
        return operand.expand(dims);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Tensor gradient = context.gradient();
        MatMul plain = new MatMul(alpha, Expr.input(0));
        List<@Nullable Tensor> results = new ArrayList<>();
        results.add(context.needs(0)
                ? Gradients.sumTo(
                        Tensor.applyOne(plain, gradient, context.input(1).transpose(-2, -1)), context.inputSignature(0))
                : null);
        results.add(context.needs(1)
                ? Gradients.sumTo(
                        Tensor.applyOne(plain, context.input(0).transpose(-2, -1), gradient), context.inputSignature(1))
                : null);
        addExtras(name(), epilogue, context, results);
        return results;
    }

    /// Gradients of what an epilogue adds; only a bias is differentiable, because nothing else leaves the product's own
    /// gradient unchanged.
    static void addExtras(String op, Expr epilogue, Backward context, List<@Nullable Tensor> results) {
        boolean bias = epilogue.equals(BIASED.epilogue);
        if (!bias && !epilogue.equals(Expr.input(0))) {
            throw new IllegalStateException(
                    op + ": an epilogue other than a bias has no gradient; it belongs into inference plans: "
                            + epilogue);
        }
        for (int i = 2; i < context.inputs(); i++) {
            results.add(context.needs(i) ? Gradients.sumTo(context.gradient(), context.inputSignature(i)) : null);
        }
    }

    @Override
    public boolean savesInput(int index) {
        return index < 2;
    }
}
