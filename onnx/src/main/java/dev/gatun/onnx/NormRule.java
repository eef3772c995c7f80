package dev.gatun.onnx;

import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.PointwiseTable;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.Shape;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Batch normalisation in evaluation mode, `x·scale + shift` with scale and shift computed from the running statistics:
/// written as `BatchNormalization` over the parameters themselves.
final class NormRule {
    private NormRule() {}

    /// Writes `step` when it is a batch normalisation; false when it is something else.
    static boolean write(Emission out, Step step, Pointwise op) {
        if (!op.equals(BatchNorm.AFFINE)) {
            return false;
        }
        Value x = step.inputs().getFirst();
        List<Value> shift = made(out, PointwiseTable.SUB, unreshaped(out, step.inputs().get(2)));
        Value scale = unreshaped(out, step.inputs().get(1));
        List<Value> scaled = made(out, PointwiseTable.MUL, scale);
        if (shift == null || scaled == null) {
            return false;
        }
        List<Value> centre = made(out, PointwiseTable.MUL, shift.get(1));
        List<Value> root = made(out, PointwiseTable.RSQRT, scaled.getFirst());
        if (centre == null || root == null || centre.get(1) != scale) {
            return false;
        }
        List<Value> variance = made(out, PointwiseTable.ADD, root.getFirst());
        int channels = x.signature().shape().dim(1);
        if (variance == null || variance.get(1).signature().shape().rank() != 0
                || !List.of(scaled.get(1), shift.getFirst(), centre.getFirst(), variance.getFirst()).stream()
                        .allMatch(v -> v.signature().shape().equals(Shape.of(channels)))) {
            return false;
        }
        double eps = out.tensor(variance.get(1)).item();
        Value y = step.output();
        out.define(y, out.emit(y.signature(), "BatchNormalization", Map.of("epsilon", Attribute.of(eps)), out.name(x),
                out.name(scaled.get(1)), out.name(shift.getFirst()), out.name(centre.getFirst()),
                out.name(variance.getFirst())));
        return true;
    }

    /// The operands of the step that makes the known `value`, when it is `op`.
    private static @Nullable List<Value> made(Emission out, Pointwise op, Value value) {
        Step origin = out.origin(value);
        return origin != null && origin.op().equals(op) ? origin.inputs() : null;
    }

    private static Value unreshaped(Emission out, Value value) {
        Step origin = out.origin(value);
        return origin != null && origin.op() instanceof Reshape ? origin.inputs().getFirst() : value;
    }
}
