package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Recurrent layers: one operator per layer and direction. ONNX wants the gates in another order (LSTM i, o, f, c; GRU
/// z, r, h), both biases in one vector, and a leading dim for the direction: such weights stand in the file under the
/// parameter's name with the order behind it.
final class RecurrentRule {
    private RecurrentRule() {}

    /// The operator of a cell, the names of its gates in ONNX's order, and where each stands in ours.
    private record Form(String operator, String gates, int... order) {
        static Form of(RecurrentCell cell) {
            return switch (cell) {
                case LSTM -> new Form("LSTM", "iofc", 0, 3, 1, 2);
                case GRU -> new Form("GRU", "zrh", 1, 0, 2);
                case TANH, RELU -> new Form("RNN", "h", 0);
            };
        }
    }

    static void write(Emission out, Step step, Recurrent op) {
        RecurrentCell cell = op.spec().cell();
        Form form = Form.of(cell);
        List<Value> in = step.inputs();
        for (int i = 1; i < op.parameters(); i++) {
            if (!out.isKnown(in.get(i))) {
                throw new OnnxExportException(op.name(), "its weights are computed from the inputs");
            }
        }
        List<String> operands = new ArrayList<>();
        operands.add(out.name(in.get(0)));
        operands.add(weights(out, form, in.get(1)));
        operands.add(weights(out, form, in.get(2)));
        operands.add(op.bias() ? biases(out, form, in.get(3), in.get(4)) : "");
        operands.add(op.lengths() ? out.cast(out.name(in.getLast()), in.getLast().signature().shape(), DType.I32) : "");
        int states = cell.hasCellState() ? 2 : 1;
        for (int i = 0; op.state() && i < states; i++) {
            operands.add(directed(out, in.get(op.parameters() + i)));
        }
        while (operands.getLast().isEmpty()) {
            operands.removeLast();
        }
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("hidden_size", Attribute.of(in.get(2).signature().shape().dim(1)));
        attributes.put("direction", Attribute.of(op.spec().reverse() ? "reverse" : "forward"));
        if (cell == RecurrentCell.GRU) {
            attributes.put("linear_before_reset", Attribute.of(1));
        }
        if (cell == RecurrentCell.RELU) {
            attributes.put("activations", new Attribute.Texts(List.of("Relu")));
        }
        results(out, step, form, attributes, operands);
    }

    /// Outputs `[steps, 1, batch, hidden]` and states `[1, batch, hidden]`, whose dim of the direction a reshape drops.
    private static void results(Emission out, Step step, Form form, Map<String, Attribute> attributes,
            List<String> operands) {
        List<Value> wanted = new ArrayList<>(step.outputs());
        while (wanted.size() > 1 && !out.isRead(wanted.getLast())) {
            wanted.removeLast();
        }
        List<Signature> signatures = new ArrayList<>();
        for (Value v : wanted) {
            int[] d = v.signature().shape().dims();
            signatures.add(v.signature()
                    .with(d.length == 3 ? Shape.of(d[0], 1, d[1], d[2]) : Shape.of(1, d[0], d[1])));
        }
        List<String> names = out.emit(signatures, form.operator, attributes, operands);
        for (int i = 0; i < names.size(); i++) {
            Value directed = Value.of(signatures.get(i));
            out.define(directed, names.get(i));
            out.same(step.outputs().get(i), directed);
        }
    }

    private static String directed(Emission out, Value state) {
        int[] d = state.signature().shape().dims();
        Value value = Value.of(state.signature().with(Shape.of(1, d[0], d[1])));
        if (out.isKnown(state)) {
            return out.initializer("constant", out.tensor(state).detach().reshape(1, d[0], d[1]));
        }
        out.same(value, state);
        return out.name(value);
    }

    private static String weights(Emission out, Form form, Value w) {
        Tensor all = Autograd.noGrad(() -> ordered(out.tensor(w), form).unsqueeze(0));
        return named(out, out.state(w), form, all);
    }

    private static String biases(Emission out, Form form, Value input, Value hidden) {
        Tensor all = Autograd.noGrad(() -> Tensor
                .cat(0, ordered(out.tensor(input), form), ordered(out.tensor(hidden), form)).unsqueeze(0));
        return named(out, out.state(input), form, all);
    }

    private static String named(Emission out, @org.jspecify.annotations.Nullable String state, Form form,
            Tensor tensor) {
        String name = state + "_" + form.gates;
        return state == null || out.isTaken(name) ? out.initializer("constant", tensor)
                : out.initialize(name, tensor);
    }

    private static Tensor ordered(Tensor w, Form form) {
        int rows = w.size(0) / form.order.length;
        Tensor[] gates = new Tensor[form.order.length];
        for (int i = 0; i < gates.length; i++) {
            gates[i] = w.detach().narrow(0, form.order[i] * rows, rows);
        }
        return Tensor.cat(0, gates);
    }
}
