package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.onnx.ExprWriter.Operand;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pointwise operations: an operator for each node of the expression, but for the patterns that have an operator of their
/// own. Batch normalisation in evaluation mode is such a pattern.
final class PointwiseRule {
    private PointwiseRule() {}

    static void write(Emission out, Step step, Pointwise op) {
        if (NormRule.write(out, step, op)) {
            return;
        }
        Value result = step.output();
        Shape whole = whole(out, step);
        if (whole == null) {
            out.define(result, expression(out, op.name(), op.expr(), step.inputs(), result.signature()));
            return;
        }
        Value larger = Value.of(result.signature().with(whole));
        List<Value> inputs = step.inputs().stream()
                .map(v -> v.signature().shape().equals(result.signature().shape()) ? out.root(v) : v).toList();
        out.define(larger, expression(out, op.name(), op.expr(), inputs, larger.signature()));
        out.same(result, larger);
    }

    /// The shape that all full operands are reshapes of, when the work can be done there: then the others are numbers or
    /// vectors along a last dim that stays. Null when there is none.
    private static @Nullable Shape whole(Emission out, Step step) {
        Shape full = step.output().signature().shape();
        Shape whole = null;
        for (Value v : step.inputs()) {
            Shape own = v.signature().shape();
            Shape root = out.root(v).signature().shape();
            if (own.equals(full) && full.rank() > 1 && (whole == null || whole.equals(root))) {
                whole = root;
            } else if (own.rank() > 1 || own.equals(full)) {
                return null;
            }
        }
        if (whole == null || whole.equals(full) || whole.rank() < 2) {
            return null;
        }
        return whole.dim(-1) == full.dim(-1) ? whole : null;
    }

    /// Writes `expr` over `inputs`; gives the name of the result, which has this signature.
    static String expression(Emission out, String op, Expr expr, List<Value> inputs, Signature result) {
        DType type = result.dtype() == DType.BOOL ? common(op, inputs) : result.dtype();
        List<Operand> operands = new ArrayList<>();
        for (Value v : inputs) {
            DType own = v.signature().dtype();
            String name = out.name(v);
            boolean truth = own == DType.BOOL;
            operands.add(new Operand(truth || own == type ? name : out.cast(name, v.signature().shape(), type),
                    v.signature().shape(), truth));
        }
        return new ExprWriter(out, op, type, operands).write(expr, result);
    }

    /// Writes the epilogue of the product or convolution `step`, whose plain result is called `product`.
    static String epilogue(Emission out, Step step, Expr expr, String product) {
        return epilogue(out, step, expr, product, step.output().signature());
    }

    /// The same for a product that has another shape than the step's output.
    static String epilogue(Emission out, Step step, Expr expr, String product, Signature result) {
        List<Operand> operands = new ArrayList<>();
        operands.add(new Operand(product, result.shape(), false));
        step.inputs().stream().skip(2)
                .forEach(v -> operands.add(new Operand(out.name(v), v.signature().shape(), false)));
        return new ExprWriter(out, step.op().name(), result.dtype(), operands).write(expr, result);
    }

    /// The type in which truth values are compared.
    private static DType common(String op, List<Value> inputs) {
        List<DType> types = inputs.stream().map(v -> v.signature().dtype()).filter(t -> t != DType.BOOL).distinct()
                .toList();
        if (types.size() > 1) {
            throw new OnnxExportException(op, "it compares " + types + "; convert to one type first");
        }
        return types.isEmpty() ? DType.F32 : types.getFirst();
    }
}
