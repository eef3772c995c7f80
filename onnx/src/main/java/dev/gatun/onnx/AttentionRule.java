package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.ScaledDotProductAttention;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.Map;

/// Attention as the products and the softmax it is defined by, in the order that engines look for to fuse them. A query
/// that sees no key gives NaN there, and zeros here.
final class AttentionRule {
    private AttentionRule() {}

    static void write(Emission out, Step step, ScaledDotProductAttention op) {
        Value q = step.inputs().get(0);
        Value k = step.inputs().get(1);
        Value v = step.inputs().get(2);
        Shape s = q.signature().shape();
        if (k.signature().shape().dim(1) != s.dim(1)) {
            throw new OnnxExportException(op.name(), "grouped queries are not written yet; repeat keys and values");
        }
        if (op.spec().dropout() > 0) {
            throw new OnnxExportException(op.name(),
                    "it drops weights; export the module, which is traced in evaluation"
                            + " mode");
        }
        DType type = q.signature().dtype();
        int tk = k.signature().shape().dim(2);
        Signature keys = k.signature().with(Shape.of(s.dim(0), s.dim(1), s.dim(3), tk));
        Signature scores = q.signature().with(Shape.of(s.dim(0), s.dim(1), s.dim(2), tk));
        String turned = out.emit(keys, "Transpose", Map.of("perm", Attribute.of(new int[] {0, 1, 3, 2})), out.name(k));
        String x = out.emit(scores, "MatMul", Map.of(), out.name(q), turned);
        x = out.emit(scores, "Mul", Map.of(), x, out.scalar(type, op.spec().scale()));
        if (op.masked()) {
            x = out.emit(scores, "Add", Map.of(), x, out.name(step.inputs().get(3)));
        }
        if (op.padded()) {
            Value padding = step.inputs().get(op.masked() ? 4 : 3);
            Shape one = Shape.of(s.dim(0), 1, 1, tk);
            String row = out.emit(padding.signature().with(one), "Reshape", Map.of(), out.name(padding),
                    out.wholes(one.dims()));
            String hidden = out.emit(q.signature().with(one), "Where", Map.of(), row,
                    out.scalar(type, Double.NEGATIVE_INFINITY), out.scalar(type, 0));
            x = out.emit(scores, "Add", Map.of(), x, hidden);
        }
        if (op.spec().causal()) {
            Tensor later = Tensor.where(Tensor.arange(s.dim(2)).unsqueeze(1).lt(Tensor.arange(tk)),
                    Tensor.full(type, Shape.SCALAR, Double.NEGATIVE_INFINITY), Tensor.zeros(type, Shape.SCALAR));
            x = out.emit(scores, "Add", Map.of(), x, out.initializer("causal", later));
        }
        x = out.emit(scores, "Softmax", Map.of("axis", Attribute.of(3)), x);
        Value y = step.outputs().getFirst();
        Shape result = y.signature().shape();
        String heads =
                out.emit(y.signature().with(Shape.of(result.dim(0), result.dim(2), result.dim(1), result.dim(3))),
                        "MatMul", Map.of(), x, out.name(v));
        out.define(y,
                out.emit(y.signature(), "Transpose", Map.of("perm", Attribute.of(new int[] {0, 2, 1, 3})), heads));
    }
}
