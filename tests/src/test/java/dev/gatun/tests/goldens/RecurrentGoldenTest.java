package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.GRU;
import dev.gatun.nn.layers.GRUCell;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.LSTMCell;
import dev.gatun.nn.layers.RNN;
import dev.gatun.nn.layers.RNNCell;
import dev.gatun.nn.layers.RecurrentCellLayer;
import dev.gatun.nn.layers.RecurrentLayer;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.jspecify.annotations.Nullable;

/// Recurrent layers and cells with PyTorch's parameters, loaded by name: outputs, last states and all gradients, also of
/// packed sequences.
class RecurrentGoldenTest {
    private static final RecurrentOptions ONE = RecurrentOptions.DEFAULT;
    private static final Map<String, Supplier<Module>> MODULES = new TreeMap<>(Map.ofEntries(
            Map.entry("lstm", () -> new LSTM(7, 5, generator())), Map.entry("gru", () -> new GRU(7, 5, generator())),
            Map.entry("rnn", () -> new RNN(7, 5, generator())),
            Map.entry("rnn relu", () -> new RNN(7, 16, RNN.Nonlinearity.RELU, ONE, generator())),
            Map.entry("lstm without bias", () -> new LSTM(3, 17, ONE.withoutBias(), generator())),
            Map.entry("lstm of two layers",
                    () -> new LSTM(4, 33, ONE.withLayers(2).withBatchFirst(), generator())),
            Map.entry("gru of two layers", () -> new GRU(4, 18, ONE.withLayers(2).withBatchFirst(), generator())),
            Map.entry("lstm, both directions, lengths",
                    () -> new LSTM(4, 9, ONE.withLayers(2).withBothDirections(), generator())),
            Map.entry("gru, both directions, lengths",
                    () -> new GRU(4, 9, ONE.withLayers(2).withBothDirections().withBatchFirst(), generator())),
            Map.entry("rnn, both directions, lengths",
                    () -> new RNN(4, 20, RNN.Nonlinearity.TANH, ONE.withBothDirections(), generator())),
            Map.entry("lstm cell", () -> new LSTMCell(6, 5, generator())),
            Map.entry("gru cell", () -> new GRUCell(6, 5, generator())),
            Map.entry("rnn cell", () -> new RNNCell(6, 5, false, RNN.Nonlinearity.RELU, generator()))));

    private static Generator generator() {
        return Generator.of(1);
    }

    @TestFactory
    Stream<DynamicTest> fast() {
        return all(() -> Kernels.best(Threads.of(2)));
    }

    @TestFactory
    Stream<DynamicTest> reference() {
        return all(Kernels::reference);
    }

    private static Stream<DynamicTest> all(Supplier<Kernels> kernels) {
        return MODULES.entrySet().stream().map(m -> DynamicTest.dynamicTest(m.getKey(), () -> {
            Kernels k = kernels.get();
            try (Threads _ = k.threads(); Engine engine = Engine.builder().kernels(k).memoryBudget(64 << 20).build()) {
                engine.run(() -> check(m.getKey(), m.getValue().get()));
            }
        }));
    }

    private static void check(String name, Module module) {
        Golden golden = Golden.read("recurrent.safetensors");
        module.load(golden.all(name + "/state."));
        Map<String, Tensor> in = golden.all(name + "/x.");
        in.forEach((key, t) -> t.requiresGrad(golden.has(name + "/gx." + key)));
        List<Tensor> out = apply(module, in);
        Tensor loss = Tensor.scalar(0);
        for (int i = 0; i < out.size(); i++) {
            close(name + ", output " + i, out.get(i), golden.get(name + "/out" + i));
            loss = loss.add(out.get(i).mul(golden.get(name + "/weights" + i)).sum());
        }
        assertThat(golden.has(name + "/out" + out.size())).isFalse();
        loss.backward();
        golden.all(name + "/gx.").forEach((key, expected) -> close("gradient of " + key,
                Objects.requireNonNull(Objects.requireNonNull(in.get(key)).grad()), expected));
        golden.all(name + "/grad.").forEach((key, expected) -> close("gradient of " + key, Objects.requireNonNull(
                Objects.requireNonNull(module.parameters().get(key)).grad()), expected));
    }

    private static List<Tensor> apply(Module module, Map<String, Tensor> in) {
        Tensor x = Objects.requireNonNull(in.get("x"));
        Tensor h = in.get("h");
        if (module instanceof RecurrentLayer layer) {
            RecurrentLayer.State initial = h == null ? null : new RecurrentLayer.State(h, in.get("c"));
            RecurrentLayer.Result result = layer.forward(x, initial, in.get("lengths"));
            return list(result.output(), result.last().hidden(), result.last().cell());
        }
        RecurrentCellLayer.State state = ((RecurrentCellLayer) module).forward(
                x, h == null ? null : new RecurrentCellLayer.State(h, in.get("c")));
        return list(state.hidden(), state.cell());
    }

    private static List<Tensor> list(@Nullable Tensor... tensors) {
        List<Tensor> list = new ArrayList<>();
        for (Tensor t : tensors) {
            if (t != null) {
                list.add(t);
            }
        }
        return list;
    }

    private static void close(String what, Tensor actual, Tensor expected) {
        Golden.close(what, actual, expected, Golden.RTOL, Golden.ATOL);
    }

    @Test
    void everyCaseOfTheFileIsCompared() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> assertThat(MODULES.keySet()).isEqualTo(Golden.read("recurrent.safetensors").cases()));
        }
    }
}
