package dev.gatun.onnx;

import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.ArgReduce;
import dev.gatun.ops.AttentionGradient;
import dev.gatun.ops.AveragePool;
import dev.gatun.ops.AveragePoolGradient;
import dev.gatun.ops.BatchNorm;
import dev.gatun.ops.BatchNormGradient;
import dev.gatun.ops.Cat;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.ConvTranspose2d;
import dev.gatun.ops.ConvWeightGradient;
import dev.gatun.ops.Copy;
import dev.gatun.ops.Cumsum;
import dev.gatun.ops.CustomOp;
import dev.gatun.ops.Embedding;
import dev.gatun.ops.Expand;
import dev.gatun.ops.Gather;
import dev.gatun.ops.IndexAdd;
import dev.gatun.ops.IndexSelect;
import dev.gatun.ops.LayerNorm;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.MaxPool;
import dev.gatun.ops.MaxPoolGradient;
import dev.gatun.ops.Permute;
import dev.gatun.ops.Place;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.RecurrentGradient;
import dev.gatun.ops.Reduce;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.RmsNorm;
import dev.gatun.ops.RowNormGradient;
import dev.gatun.ops.ScaledDotProductAttention;
import dev.gatun.ops.Scatter;
import dev.gatun.ops.ScatterAdd;
import dev.gatun.ops.Slice;
import dev.gatun.ops.Softmax;
import dev.gatun.ops.SoftmaxGradient;
import dev.gatun.ops.Sort;
import dev.gatun.ops.Unfold;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.List;
import java.util.Map;

/// One rule per operation. A new one needs a case here: the operators that it is written as, or the reason why it cannot
/// be written.
final class OpRules {
    private OpRules() {}

    static void write(Emission out, Step step) {
        switch (step.op()) {
            case Pointwise op -> PointwiseRule.write(out, step, op);
            case MatMul op -> ProductRule.write(out, step, op);
            case Conv2d op -> ConvRule.write(out, step, op);
            case ConvTranspose2d op -> ConvRule.write(out, step, op);
            case MaxPool op -> PoolRule.write(out, step, op);
            case AveragePool op -> PoolRule.write(out, step, op);
            case Reduce op -> ReduceRule.write(out, step, op);
            case ArgReduce op -> one(out, step, op.largest() ? "ArgMax" : "ArgMin", Map.of("axis",
                    Attribute.of(op.dim()), "keepdims", Attribute.of(op.keepDim() ? 1 : 0)));
            case Softmax op ->
                    one(out, step, op.log() ? "LogSoftmax" : "Softmax", Map.of("axis", Attribute.of(op.dim())));
            case Cumsum op -> out.define(step.output(), out.emit(step.output().signature(), "CumSum", Map.of(),
                    out.name(step.inputs().getFirst()), out.wholes(op.dim())));
            case Gather op -> one(out, step, "GatherElements", Map.of("axis", Attribute.of(op.dim())));
            case IndexSelect op -> one(out, step, "Gather", Map.of("axis", Attribute.of(op.dim())));
            case Scatter op -> one(out, step, "ScatterElements", Map.of("axis", Attribute.of(op.dim())));
            case ScatterAdd op -> one(out, step, "ScatterElements",
                    Map.of("axis", Attribute.of(op.dim()), "reduction", Attribute.of("add")));
            case Cat op -> one(out, step, "Concat", Map.of("axis", Attribute.of(op.dim())));
            case Copy _ -> out.same(step.output(), step.inputs().getFirst());
            case Reshape _ -> out.same(step.output(), step.inputs().getFirst());
            case Permute op -> PermuteRule.write(out, step, op);
            case Slice op -> slice(out, step, op);
            case Expand op -> out.define(step.output(), out.emit(step.output().signature(), "Expand", Map.of(),
                    out.name(step.inputs().getFirst()), out.wholes(op.shape().dims())));
            case Place op -> place(out, step, op);
            case LayerNorm op -> RowNormRule.write(out, step, op);
            case RmsNorm op -> RowNormRule.write(out, step, op);
            case ScaledDotProductAttention op -> AttentionRule.write(out, step, op);
            case Recurrent op -> RecurrentRule.write(out, step, op);
            case Embedding _ -> one(out, step, "Gather", Map.of("axis", Attribute.of(0)));
            case BatchNorm op -> throw new OnnxExportException(op.name(),
                    "it normalises with the statistics of the batch; use running statistics (track) and export the"
                            + " module, which is traced in evaluation mode");
            case ConvChain op -> throw new OnnxExportException(op.name(),
                    "only plans have chains; export the traced module, whose convolutions are single");
            case Unfold op -> throw new OnnxExportException(op.name(), "ONNX has no view of overlapping windows");
            case Sort op -> throw new OnnxExportException(op.name(), "ONNX has no stable sort");
            case IndexAdd op -> throw new OnnxExportException(op.name(), "ONNX adds element by element alone; use"
                    + " scatterAdd");
            case CustomOp op -> throw new OnnxExportException(op.name(), "ONNX does not know custom operations");
            case AttentionGradient op -> throw gradient(op.name());
            case AveragePoolGradient op -> throw gradient(op.name());
            case BatchNormGradient op -> throw gradient(op.name());
            case ConvWeightGradient op -> throw gradient(op.name());
            case MaxPoolGradient op -> throw gradient(op.name());
            case RecurrentGradient op -> throw gradient(op.name());
            case RowNormGradient op -> throw gradient(op.name());
            case SoftmaxGradient op -> throw gradient(op.name());
        }
    }

    private static OnnxExportException gradient(String name) {
        return new OnnxExportException(name, "it belongs to a backward pass");
    }

    /// An operator with the operands of the step.
    static void one(Emission out, Step step, String operator, Map<String, Attribute> attributes) {
        Value result = step.output();
        String[] operands = step.inputs().stream().map(out::name).toArray(String[]::new);
        out.define(result, out.emit(result.signature(), operator, attributes, operands));
    }

    private static void slice(Emission out, Step step, Slice op) {
        Value result = step.output();
        // One past the last that is taken: ONNX cuts an end that lies outside.
        int end = op.length() == 0 ? op.start() : op.start() + (op.length() - 1) * op.step() + 1;
        out.define(result, out.emit(List.of(result.signature()), "Slice", Map.of(),
                List.of(out.name(step.inputs().getFirst()), out.wholes(op.start()), out.wholes(end),
                        out.wholes(op.axis()), out.wholes(op.step())))
                .getFirst());
    }

    private static void place(Emission out, Step step, Place op) {
        if (op.steps().stream().anyMatch(s -> s != 1)) {
            throw new OnnxExportException(op.name(), "ONNX pads around a tensor, not between its elements");
        }
        Value x = step.inputs().getFirst();
        int rank = op.shape().rank();
        int[] pads = new int[2 * rank];
        for (int i = 0; i < rank; i++) {
            pads[i] = op.starts().get(i);
            pads[rank + i] = op.shape().dim(i) - pads[i] - x.signature().shape().dim(i);
        }
        Value result = step.output();
        out.define(result, out.emit(result.signature(), "Pad", Map.of("mode", Attribute.of("constant")), out.name(x),
                out.wholes(pads), out.scalar(x.signature().dtype(), op.fill())));
    }
}
