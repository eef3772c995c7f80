package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.nn.layers.MultiheadAttention;
import dev.gatun.nn.layers.TransformerEncoder;
import dev.gatun.nn.layers.TransformerEncoderLayer;
import dev.gatun.nn.models.Bert;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
        attention();
        MODULES.put("bert", () -> {
            Bert m = new Bert(new Bert.Config(30, 16, 2, 12, 3, 20, 2, 0, 1e-12), Generator.of(1));
            return new Subject(m, in -> {
                Tensor hidden = m.encode(in(in, "ids"), in(in, "types"), in(in, "mask"));
                return List.of(hidden, m.pool(hidden));
            });
        });
        MODULES.put("layerNorm", () -> Subject.of(new LayerNorm(3, 7)));
        MODULES.put("embedding", () -> Subject.of(
                new Embedding(9, 5, 3, Double.POSITIVE_INFINITY, Generator.of(1))));
    }

    private static Tensor padded(int... lengths) {
        int t = java.util.Arrays.stream(lengths).max().orElse(0);
        boolean[] padding = new boolean[lengths.length * t];
        for (int i = 0; i < padding.length; i++) {
            padding[i] = i % t >= lengths[i / t];
        }
        return Tensor.of(padding, lengths.length, t);
    }

    private static void attention() {
        OPS.put("attention", t -> t.get(0).scaledDotProductAttention(t.get(1), t.get(2)));
        OPS.put("attention causal", t -> Attention.DEFAULT.asCausal().apply(t.get(0), t.get(1), t.get(2)));
        OPS.put("attention grouped", t -> Attention.DEFAULT.withScale(0.3).apply(t.get(0), t.get(1), t.get(2)));
        OPS.put("attention masked", t -> Attention.DEFAULT.withMask(t.get(3)).apply(t.get(0), t.get(1), t.get(2)));
        OPS.put("attention padded", t -> Attention.DEFAULT.withPadding(padded(7, 3)).apply(t.get(0), t.get(1),
                t.get(2)));
        MODULES.put("attention", () -> heads(MultiheadAttention.Options.of(12), Attention.DEFAULT, "x", "x", "x"));
        MODULES.put("cross-attention", () -> heads(MultiheadAttention.Options.of(12).withWidths(7, 10),
                Attention.DEFAULT.withPadding(padded(6, 4)), "q", "k", "v"));
        MODULES.put("causal attention", () -> {
            MultiheadAttention m = new MultiheadAttention(12, 3, MultiheadAttention.Options.of(12).withoutBias(),
                    Generator.of(1));
            return new Subject(m, in -> List.of(m.attend(in(in, "x"), Attention.DEFAULT.asCausal())));
        });
        TransformerEncoderLayer.Options options =
                TransformerEncoderLayer.Options.standard().withFeedForward(20).withDropout(0);
        MODULES.put("encoder layer", () -> Subject.of(layer(options)));
        MODULES.put("encoder layer, norm first", () -> {
            TransformerEncoderLayer m = layer(options.withActivation(Activation.gelu()).withNormFirst());
            return new Subject(m, in -> List.of(m.encode(in(in, "x"), Attention.DEFAULT.withPadding(padded(5, 2)))));
        });
        MODULES.put("encoder", () -> {
            TransformerEncoder m = new TransformerEncoder(List.of(layer(options), layer(options)), new LayerNorm(12));
            return new Subject(m, in -> List.of(m.encode(in(in, "x"), Attention.DEFAULT.asCausal())));
        });
    }

    private static TransformerEncoderLayer layer(TransformerEncoderLayer.Options options) {
        return new TransformerEncoderLayer(12, 3, options, Generator.of(1));
    }

    /// With weights in training, without (the fast way) in evaluation.
    private static Subject heads(MultiheadAttention.Options options, Attention masks, String q, String k, String v) {
        MultiheadAttention m = new MultiheadAttention(12, 3, options, Generator.of(1));
        return new Subject(m, in -> {
            if (!m.isTraining()) {
                return List.of(m.attend(in(in, q), in(in, k), in(in, v), masks));
            }
            MultiheadAttention.Weighted y = m.attendWithWeights(in(in, q), in(in, k), in(in, v), masks);
            return List.of(y.output(), y.weights());
        });
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
            engine.run(() -> {
                assertThat(Golden.read("transformer-ops.safetensors").cases()).isEqualTo(OPS.keySet());
                Set<String> modules = new TreeSet<>(MODULES.keySet());
                modules.add("embedding max norm");
                assertThat(Golden.read("transformer-modules.safetensors").cases()).isEqualTo(modules);
            });
        }
    }
}
