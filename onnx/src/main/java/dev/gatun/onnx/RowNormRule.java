package dev.gatun.onnx;

import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.LayerNorm;
import dev.gatun.ops.RmsNorm;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Normalisation of rows, on the whole tensor where rows were only flattened. The numbers per row, which only gradients
/// read, are not written.
final class RowNormRule {
    private RowNormRule() {}

    static void write(Emission out, Step step, LayerNorm op) {
        Value x = rows(out, step.inputs().getFirst(), op.dims());
        List<String> operands = new ArrayList<>();
        operands.add(out.name(x));
        step.inputs().stream().skip(1).forEach(v -> operands.add(out.name(v)));
        if (operands.size() == 1) {
            int[] all = x.signature().shape().dims();
            Shape row = new Shape(Arrays.copyOfRange(all, all.length - op.dims(), all.length));
            operands.add(out.initializer("constant", Tensor.ones(x.signature().dtype(), row)));
        }
        Value y = Value.of(x.signature());
        out.define(y, out.emit(List.of(y.signature()), "LayerNormalization",
                Map.of("axis", Attribute.of(-op.dims()), "epsilon", Attribute.of(op.eps())), operands).getFirst());
        out.same(step.outputs().getFirst(), y);
    }

    private static Value rows(Emission out, Value x, int dims) {
        Value root = out.root(x);
        Shape whole = root.signature().shape();
        return dims == 1 && whole.rank() > 1 && whole.dim(-1) == x.signature().shape().dim(-1) ? root : x;
    }

    /// `x / √(mean x² + eps) · weight`, which has an operator in later versions only, in the form that engines fuse.
    static void write(Emission out, Step step, RmsNorm op) {
        Value x = rows(out, step.inputs().getFirst(), op.dims());
        Signature full = x.signature();
        int rank = full.shape().rank();
        int[] axes = new int[op.dims()];
        Arrays.setAll(axes, i -> rank - axes.length + i);
        Signature row = full.with(full.shape().reduced(axes, true));
        String name = out.name(x);
        String squares = out.emit(full, "Pow", Map.of(), name, out.scalar(full.dtype(), 2));
        String mean = out.emit(row, "ReduceMean", Map.of("keepdims", Attribute.of(1)), squares, out.wholes(axes));
        String shifted = out.emit(row, "Add", Map.of(), mean, out.scalar(full.dtype(), op.eps()));
        String root = out.emit(row, "Sqrt", Map.of(), shifted);
        String y = out.emit(full, "Div", Map.of(), name, root);
        if (step.inputs().size() > 1) {
            y = out.emit(full, "Mul", Map.of(), y, out.name(step.inputs().get(1)));
        }
        Value result = Value.of(full);
        out.define(result, y);
        out.same(step.outputs().getFirst(), result);
    }
}
