package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Permute;
import dev.gatun.ops.ScaledDotProductAttention;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.List;
import java.util.Map;

/// Attention as the products and the softmax it is defined by, in the order that engines look for to fuse them. A query
/// that sees no key gives NaN there, and zeros here.
final class AttentionRule {
    private AttentionRule() {}

    static void write(Emission out, Step step, ScaledDotProductAttention op) {
        Value q = step.inputs().get(0);
        Value k = step.inputs().get(1);
        Shape s = q.signature().shape();
        if (op.spec().dropout() > 0) {
            throw new OnnxExportException(op.name(),
                    "it drops weights; export the module, which is traced in evaluation"
                            + " mode");
        }
        DType type = q.signature().dtype();
        int tk = k.signature().shape().dim(2);
        Signature scores = q.signature().with(Shape.of(s.dim(0), s.dim(1), s.dim(2), tk));
        Value turned = PermuteRule.permuted(out, repeated(out, k, s.dim(1)), 0, 1, 3, 2);
        String x = out.emit(scores, "MatMul", Map.of(), out.name(q), out.name(turned));
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
            String later = out.shared("causal", List.of(type, s.dim(2), tk),
                    () -> Tensor.where(Tensor.arange(s.dim(2)).unsqueeze(1).lt(Tensor.arange(tk)),
                            Tensor.full(type, Shape.SCALAR, Double.NEGATIVE_INFINITY),
                            Tensor.zeros(type, Shape.SCALAR)));
            x = out.emit(scores, "Add", Map.of(), x, later);
        }
        x = out.emit(scores, "Softmax", Map.of("axis", Attribute.of(3)), x);
        Value y = step.outputs().getFirst();
        int dv = y.signature().shape().dim(3);
        Value heads = op.byHeads() ? y : Value.of(y.signature().with(Shape.of(s.dim(0), s.dim(1), s.dim(2), dv)));
        out.define(heads, out.emit(heads.signature(), "MatMul", Map.of(), x,
                out.name(repeated(out, step.inputs().get(2), s.dim(1)))));
        if (op.byHeads()) {
            return;
        }
        // What follows usually turns the heads again; as a reordering of dims, the two become one.
        Permute back = new Permute(List.of(0, 2, 1, 3));
        Step last = new Step(back, List.of(heads), List.of(y));
        out.produce(last);
        PermuteRule.write(out, last, back);
    }

    /// Keys or values `[n, kvHeads, t, d]` with each head as often as it has query heads.
    private static Value repeated(Emission out, Value x, int heads) {
        int[] d = x.signature().shape().dims();
        if (d[1] == heads) {
            return x;
        }
        Value each = Value.of(x.signature().with(Shape.of(d[0], d[1], 1, d[2], d[3])));
        out.same(each, x);
        Shape all = Shape.of(d[0], d[1], heads / d[1], d[2], d[3]);
        Value groups = Value.of(x.signature().with(all));
        out.define(groups, out.emit(groups.signature(), "Expand", Map.of(), out.name(each), out.wholes(all.dims())));
        Value result = Value.of(x.signature().with(Shape.of(d[0], heads, d[2], d[3])));
        out.same(result, groups);
        return result;
    }
}
