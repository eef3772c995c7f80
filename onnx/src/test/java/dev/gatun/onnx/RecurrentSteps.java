package dev.gatun.onnx;

import dev.gatun.onnx.ParsedModel.NodeOf;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// LSTM, GRU and RNN step by step, from the formulas of ONNX's specification. One direction, no lengths.
final class RecurrentSteps {
    private RecurrentSteps() {}

    private static @Nullable Tensor at(List<@Nullable Tensor> inputs, int index) {
        return index < inputs.size() ? inputs.get(index) : null;
    }

    /// Y `[steps, 1, batch, hidden]`, Y_h and, of the LSTM, Y_c `[1, batch, hidden]`.
    static List<Tensor> run(NodeOf n, List<@Nullable Tensor> in) {
        Tensor x = Objects.requireNonNull(in.get(0));
        Tensor w = Objects.requireNonNull(in.get(1)).select(0, 0).t();
        Tensor r = Objects.requireNonNull(in.get(2)).select(0, 0).t();
        int hidden = (int) n.whole("hidden_size", 0);
        int gates = w.size(1) / hidden;
        Tensor b = at(in, 3);
        Tensor bias = b == null ? Tensor.zeros(2 * gates * hidden) : b.select(0, 0);
        Tensor wb = bias.narrow(0, 0, gates * hidden);
        Tensor rb = bias.narrow(0, gates * hidden, gates * hidden);
        Tensor zeros = Tensor.zeros(x.size(1), hidden);
        Tensor h0 = at(in, 5);
        Tensor c0 = at(in, 6);
        Tensor h = h0 == null ? zeros : h0.select(0, 0);
        Tensor c = c0 == null ? zeros : c0.select(0, 0);
        boolean reverse = n.text("direction", "forward").equals("reverse");
        Tensor[] steps = new Tensor[x.size(0)];
        for (int i = 0; i < steps.length; i++) {
            int t = reverse ? steps.length - 1 - i : i;
            Tensor a = x.select(0, t).matmul(w).add(wb);
            Tensor s = h.matmul(r).add(rb);
            switch (n.operator()) {
                case "LSTM" -> {
                    Tensor all = a.add(s);
                    Tensor cell = gate(all, 3, hidden).tanh();
                    c = gate(all, 2, hidden).sigmoid().mul(c).add(gate(all, 0, hidden).sigmoid().mul(cell));
                    h = gate(all, 1, hidden).sigmoid().mul(c.tanh());
                }
                case "GRU" -> {
                    Tensor z = gate(a, 0, hidden).add(gate(s, 0, hidden)).sigmoid();
                    Tensor reset = gate(a, 1, hidden).add(gate(s, 1, hidden)).sigmoid();
                    if (n.whole("linear_before_reset", 0) != 1) {
                        throw new AssertionError("the test knows the reset behind the product alone");
                    }
                    Tensor candidate = gate(a, 2, hidden).add(reset.mul(gate(s, 2, hidden))).tanh();
                    h = z.rsub(1).mul(candidate).add(z.mul(h));
                }
                default -> h = n.attributes().getOrDefault("activations", List.of("Tanh")).equals(List.of("Relu"))
                        ? a.add(s).relu()
                        : a.add(s).tanh();
            }
            steps[t] = h;
        }
        List<Tensor> results = new ArrayList<>();
        results.add(Tensor.stack(Arrays.asList(steps), 0).unsqueeze(1));
        results.add(h.unsqueeze(0));
        results.add(c.unsqueeze(0));
        return results;
    }

    private static Tensor gate(Tensor all, int index, int hidden) {
        return all.narrow(1, index * hidden, hidden);
    }
}
