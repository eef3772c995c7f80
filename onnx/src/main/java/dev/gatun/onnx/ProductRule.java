package dev.gatun.onnx;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Permute;
import dev.gatun.ops.Shape;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Matrix products: `Gemm` for a matrix times known weights, with bias and transpose inside; `MatMul` for everything
/// else, on the whole tensor where rows were only flattened for the product, which is what other engines look for when
/// they fuse.
final class ProductRule {
    private ProductRule() {}

    static void write(Emission out, Step step, MatMul op) {
        Value a = step.inputs().get(0);
        Value b = step.inputs().get(1);
        Value whole = whole(out, a, step);
        if (whole != null) {
            product(out, step, op, whole);
        } else if (a.signature().shape().rank() == 2 && b.signature().shape().rank() == 2 && out.isKnown(b)) {
            gemm(out, step, op);
        } else {
            product(out, step, op, a);
        }
    }

    /// The tensor `[…, t, k]` whose rows `a` is, when nothing else than a vector is added to the product; null when `a`
    /// is no more than a matrix.
    private static @Nullable Value whole(Emission out, Value a, Step step) {
        Value root = out.root(a);
        int[] from = root.signature().shape().dims();
        Shape rows = a.signature().shape();
        boolean vectors = step.inputs().get(1).signature().shape().rank() == 2
                && step.inputs().stream().skip(2).allMatch(v -> v.signature().shape().rank() <= 1);
        if (!vectors || rows.rank() != 2 || from.length < 3) {
            return null;
        }
        int outer = 1;
        long count = from[0];
        while (outer < from.length && count != rows.dim(0)) {
            count *= from[outer++];
        }
        if (outer < 2 || outer == from.length) {
            return null;
        }
        int[] dims = Arrays.copyOf(from, outer + 1);
        dims[outer] = rows.dim(1);
        Value whole = Value.of(a.signature().with(new Shape(dims)));
        out.same(whole, root);
        return whole;
    }

    private static void gemm(Emission out, Step step, MatMul op) {
        Value b = step.inputs().get(1);
        Value weights = transposed(out, b);
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("transB", Attribute.of(weights == null ? 0 : 1));
        if (op.alpha() != 1) {
            attributes.put("alpha", Attribute.of(op.alpha()));
        }
        List<String> operands = new ArrayList<>();
        operands.add(out.name(step.inputs().get(0)));
        operands.add(out.name(weights == null ? b : weights));
        boolean biased = op.epilogue().equals(MatMul.BIASED.epilogue()) && step.inputs().size() == 3;
        boolean plain = op.epilogue().equals(Expr.input(0));
        if (biased) {
            operands.add(out.name(step.inputs().get(2)));
        }
        Value c = step.output();
        String name = out.emit(List.of(c.signature()), "Gemm", attributes, operands).getFirst();
        out.define(c, plain || biased ? name : PointwiseRule.epilogue(out, step, op.epilogue(), name));
    }

    /// What `b` is the transpose of, when that is known.
    private static @Nullable Value transposed(Emission out, Value b) {
        Step origin = out.origin(b);
        return origin != null && origin.op() instanceof Permute p && p.order().equals(List.of(1, 0))
                ? origin.inputs().getFirst()
                : null;
    }

    private static void product(Emission out, Step step, MatMul op, Value a) {
        Value b = step.inputs().get(1);
        Value weights = transposed(out, b);
        if (weights != null) {
            // The parameter keeps its name and layout; engines transpose it once, when they load the model.
            out.defineOnce(b, () -> out.emit(b.signature(), "Transpose", Map.of("perm", Attribute.of(1, 0)),
                    out.name(weights)));
        }
        Value c = step.output();
        Value result = c;
        if (a != step.inputs().getFirst()) {
            int[] dims = Arrays.copyOf(a.signature().shape().dims(), a.signature().shape().rank());
            dims[dims.length - 1] = c.signature().shape().dim(-1);
            result = Value.of(c.signature().with(new Shape(dims)));
            out.same(c, result);
        }
        String name = out.emit(result.signature(), "MatMul", Map.of(), out.name(a), out.name(b));
        if (op.alpha() != 1) {
            name = out.emit(result.signature(), "Mul", Map.of(), name,
                    out.scalar(c.signature().dtype(), op.alpha()));
        }
        out.define(result, op.epilogue().equals(Expr.input(0)) ? name
                : PointwiseRule.epilogue(out, step, op.epilogue(), name, result.signature()));
    }
}
