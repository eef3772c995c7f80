package dev.gatun.onnx;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Reduce;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.Map;

/// Reductions over dims; what is folded is computed in front of them.
final class ReduceRule {
    private ReduceRule() {}

    static void write(Emission out, Step step, Reduce op) {
        Value result = step.output();
        Signature first = step.inputs().getFirst().signature();
        if (result.signature().dtype() != first.dtype()) {
            throw new OnnxExportException(op.name(), "it changes the element type: " + first.dtype() + " to "
                    + result.signature().dtype());
        }
        String operator = switch (op.reduction()) {
            case SUM -> "ReduceSum";
            case MEAN -> "ReduceMean";
            case MAX -> "ReduceMax";
            case MIN -> "ReduceMin";
            case PROD -> "ReduceProd";
        };
        Shape shape = first.shape();
        for (Value v : step.inputs()) {
            shape = Shape.broadcast(op.name(), shape, v.signature().shape());
        }
        String folded = op.map().equals(Expr.input(0)) && first.shape().equals(shape)
                ? out.name(step.inputs().getFirst())
                : PointwiseRule.expression(out, op.name(), op.map(), step.inputs(), first.with(shape));
        out.define(result, out.emit(result.signature(), operator,
                Map.of("keepdims", Attribute.of(op.keepDim() ? 1 : 0)), folded,
                out.wholes(op.axes().stream().mapToInt(Integer::intValue).toArray())));
    }
}
