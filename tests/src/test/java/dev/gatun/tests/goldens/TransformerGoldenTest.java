package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What transformers are made of, forward and gradients, against what PyTorch 1.13 computed.
class TransformerGoldenTest {
    private static final Map<String, Function<List<Tensor>, Tensor>> OPS = new TreeMap<>();
    private static final Map<String, Supplier<Subject>> MODULES = new TreeMap<>();

    /// A module, and how it is applied to its named inputs.
    private record Subject(Module module, Function<Map<String, Tensor>, List<Tensor>> work) {
        static Subject of(Module module) {
            return new Subject(module, in -> List.of(module.forward(in(in, "x"))));
        }
    }

    private static Tensor in(Map<String, Tensor> inputs, String name) {
        return Objects.requireNonNull(inputs.get(name));
    }

    static {
        OPS.put("layerNorm", t -> t.get(0).layerNorm(t.get(1), t.get(2), 1e-5));
        OPS.put("layerNorm of two dims", t -> t.get(0).layerNorm(t.get(1), t.get(2), 0.1));
        OPS.put("layerNorm without parameters", t -> t.get(0).layerNorm(1, 1e-5));
        OPS.put("rmsNorm", t -> t.get(0).rmsNorm(t.get(1), 1e-6));
        OPS.put("embedding", t -> t.get(0).embedding(t.get(1), -1));
        OPS.put("embedding with padding", t -> t.get(0).embedding(t.get(1), 2));
        MODULES.put("layerNorm", () -> Subject.of(new LayerNorm(3, 7)));
        MODULES.put("embedding", () -> Subject.of(
                new Embedding(9, 5, 3, Double.POSITIVE_INFINITY, Generator.of(1))));
    }

    @TestFactory
    Stream<DynamicTest> fast() {
        return operations(Kernels.best(Threads.of(2)));
    }

    @TestFactory
    Stream<DynamicTest> reference() {
        return operations(Kernels.reference());
    }

    private static Stream<DynamicTest> operations(Kernels k) {
        return OPS.entrySet().stream().map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
            try (Engine engine = Engine.builder().kernels(k).memoryBudget(64 << 20).build()) {
                engine.run(() -> check(c.getKey(), c.getValue()));
            }
        })).onClose(k.threads()::close);
    }

    private static void check(String name, Function<List<Tensor>, Tensor> work) {
        Golden golden = Golden.read("transformer-ops.safetensors");
        List<Tensor> in = new ArrayList<>();
        while (golden.has(name + "/in" + in.size())) {
            Tensor t = golden.get(name + "/in" + in.size());
            in.add(t.requiresGrad(golden.has(name + "/grad" + in.size())));
        }
        Tensor out = work.apply(in);
        close(name, out, golden.get(name + "/out"));
        out.mul(golden.get(name + "/weights")).sum().backward();
        for (int i = 0; i < in.size(); i++) {
            if (in.get(i).requiresGrad()) {
                close("gradient " + i + " of " + name, Objects.requireNonNull(in.get(i).grad()),
                        golden.get(name + "/grad" + i));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> modules() {
        return MODULES.entrySet().stream().map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
            try (Engine engine = Engine.builder().kernels(Kernels.best(Threads.of(1))).memoryBudget(64 << 20).build()) {
                engine.run(() -> check(c.getKey(), c.getValue().get()));
            }
        }));
    }

    private static void check(String name, Subject subject) {
        Golden golden = Golden.read("transformer-modules.safetensors");
        subject.module().load(golden.all(name + "/state."));
        Map<String, Tensor> in = golden.all(name + "/x.");
        in.forEach((key, t) -> t.requiresGrad(golden.has(name + "/gx." + key)));
        List<Tensor> out = subject.work().apply(in);
        Tensor loss = Tensor.scalar(0);
        for (int i = 0; golden.has(name + "/out" + i); i++) {
            close(name + ", output " + i, out.get(i), golden.get(name + "/out" + i));
            loss = loss.add(out.get(i).mul(golden.get(name + "/weights" + i)).sum());
        }
        loss.backward();
        golden.all(name + "/gx.").forEach((key, expected) -> close("gradient of " + key,
                Objects.requireNonNull(in(in, key).grad()), expected));
        golden.all(name + "/grad.").forEach((key, expected) -> close("gradient of " + key, Objects.requireNonNull(
                Objects.requireNonNull(subject.module().parameters().get(key)).grad()), expected));
        subject.module().eval();
        close(name + " in evaluation", subject.work().apply(in).getFirst(), golden.get(name + "/out0"));
    }

    /// Rows that are looked up are shortened in the table in training, on the way in evaluation.
    @Test
    void embeddingWithLargestNorm() {
        try (Engine engine = Engine.builder().kernels(Kernels.best(Threads.of(1))).memoryBudget(64 << 20).build()) {
            engine.run(() -> {
                Golden golden = Golden.read("transformer-modules.safetensors");
                Embedding embedding = new Embedding(9, 5, -1, 1.5, Generator.of(1));
                embedding.load(golden.all("embedding max norm/state."));
                embedding.eval();
                Tensor ids = golden.get("embedding max norm/x.x");
                Tensor expected = golden.get("embedding max norm/out0");
                close("in evaluation", embedding.forward(ids), expected);
                close("the table before", Objects.requireNonNull(embedding.parameters().get("weight")),
                        golden.get("embedding max norm/state.weight"));
                embedding.train();
                close("in training", embedding.forward(ids), expected);
                close("the table after", Objects.requireNonNull(embedding.parameters().get("weight")),
                        golden.get("embedding max norm/after.weight"));
            });
        }
    }

    private static void close(String what, Tensor actual, Tensor expected) {
        Golden.close(what, actual, expected, Golden.RTOL, Golden.ATOL);
    }

    @Test
    void everyCaseOfTheFilesIsCompared() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> assertThat(Golden.read("transformer-ops.safetensors").cases()).containsAll(OPS.keySet()));
        }
    }
}
