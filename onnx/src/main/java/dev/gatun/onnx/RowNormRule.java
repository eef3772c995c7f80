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

/// Normalisation of rows. The numbers per row, which only gradients read, are not written.
final class RowNormRule {
    private RowNormRule() {}

    static void write(Emission out, Step step, LayerNorm op) {
        Value x = step.inputs().getFirst();
        List<String> operands = new ArrayList<>();
        step.inputs().forEach(v -> operands.add(out.name(v)));
        if (operands.size() == 1) {
            int[] all = x.signature().shape().dims();
            Shape row = new Shape(Arrays.copyOfRange(all, all.length - op.dims(), all.length));
            operands.add(out.initializer("constant", Tensor.ones(x.signature().dtype(), row)));
        }
        Value y = step.outputs().getFirst();
        out.define(y, out.emit(List.of(y.signature()), "LayerNormalization",
                Map.of("axis", Attribute.of(-op.dims()), "epsilon", Attribute.of(op.eps())), operands).getFirst());
    }

    /// `x / √(mean x² + eps) · weight`, which has an operator in later versions only, in the form that engines fuse.
    static void write(Emission out, Step step, RmsNorm op) {
        Value x = step.inputs().getFirst();
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
        out.define(step.outputs().getFirst(), y);
    }
}
