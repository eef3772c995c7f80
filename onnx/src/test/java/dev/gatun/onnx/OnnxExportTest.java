package dev.gatun.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.kernels.DType;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv1d;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.GRU;
import dev.gatun.nn.layers.GRUCell;
import dev.gatun.nn.layers.Identity;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.LSTMCell;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Padding;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.PoolOptions;
import dev.gatun.nn.layers.RNN;
import dev.gatun.nn.layers.RecurrentLayer;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.nn.layers.RmsNorm;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.layers.TransformerEncoderLayer;
import dev.gatun.nn.models.Bert;
import dev.gatun.nn.models.Mlp;
import dev.gatun.nn.models.MobileNetV2;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.nn.models.Vgg;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files are read back by protobuf, held against the rules of ONNX, and run by an interpreter of the test's own.
class OnnxExportTest {
    @TempDir private Path folder;
    private final Generator g = Generator.of(4);

    private ParsedModel export(Module module, Tensor x) throws IOException {
        Path path = folder.resolve("m.onnx");
        module.eval();
        Tensor expected = Autograd.noGrad(() -> module.forward(x));
        OnnxExport.of(module).input("x", x).output("y").write(path);
        ParsedModel parsed = ParsedModel.read(path).checked();
        assertThat(parsed.inputs().keySet()).containsExactly("x");
        assertThat(parsed.outputs()).containsExactly(Map.entry("y", expected.signature()));
        close(Interpreter.run(parsed, Map.of("x", x)).getFirst(), expected);
        return parsed;
    }

    private static void close(Tensor actual, Tensor expected) {
        double[] e = expected.toDoubles();
        double largest = 0;
        for (double v : e) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertThat(largest).isPositive();
        assertThat(actual.toDoubles()).containsExactly(e, within(1e-5 * largest));
    }

    /// Running statistics that are not 0 and 1.
    private Module used(Module module, int... input) {
        Autograd.noGrad(() -> {
            for (int i = 0; i < 2; i++) {
                module.forward(g.normal(0.3, 2, input));
            }
        });
        return module;
    }

    @Test
    void resNetNamesItsParametersAndKeepsBatchNorm() throws IOException {
        Module m = used(new ResNet(new ResNet.Options(ResNet.Kind.BASIC, List.of(1, 1), 4, 3, 5), g), 4, 3, 33, 30);
        ParsedModel parsed = export(m, g.normal(0, 1, 1, 3, 33, 30));
        assertThat(parsed.initializers().keySet()).isEqualTo(m.stateDict().keySet().stream()
                .filter(k -> !k.endsWith("num_batches_tracked")).collect(java.util.stream.Collectors.toSet()));
        m.stateDict().forEach((name, t) -> {
            if (parsed.initializers().containsKey(name)) {
                assertThat(parsed.initializers().get(name).toFloats()).containsExactly(t.toFloats());
            }
        });
        assertThat(parsed.operators()).containsExactly("Conv", "BatchNormalization", "Relu", "MaxPool", "Conv",
                "BatchNormalization", "Relu", "Conv", "BatchNormalization", "Add", "Relu", "Conv", "BatchNormalization",
                "Relu", "Conv", "BatchNormalization", "Conv", "BatchNormalization", "Add", "Relu", "GlobalAveragePool",
                "Flatten", "Gemm");
    }

    @Test
    void otherModels() throws IOException {
        export(used(new ResNet(new ResNet.Options(ResNet.Kind.BOTTLENECK, List.of(1, 1), 3, 3, 5), g), 4, 3, 32, 32),
                g.normal(0, 1, 2, 3, 32, 32));
        ParsedModel mobile = export(used(new MobileNetV2(new MobileNetV2.Options(4,
                List.of(new MobileNetV2.Stage(1, 4, 1, 1), new MobileNetV2.Stage(3, 6, 2, 2)), 8, 3, 5), g), 4, 3, 20,
                20), g.normal(0, 1, 1, 3, 20, 20));
        assertThat(mobile.operators()).contains("Clip").doesNotContain("Max", "Min");
        ParsedModel vgg = export(new Vgg(new Vgg.Options(List.of(List.of(4), List.of(5, 5)), 9, 3, 5), g),
                g.normal(0, 1, 1, 3, 28, 28));
        assertThat(vgg.initializers()).containsKeys("features.0.weight", "classifier.6.bias");
        assertThat(vgg.operators()).doesNotContain("AveragePool");
    }

    @Test
    void oneDimensionalLayersAreOneDimensional() throws IOException {
        Module m = new TimeSeriesCnn(new TimeSeriesCnn.Options(3, 5, 6, 10, 3, 0.5, 4), g);
        ParsedModel parsed = export(m, g.normal(0, 1, 2, 3, 80));
        assertThat(parsed.operators()).containsExactly("Conv", "Relu", "Conv", "Relu", "MaxPool", "Conv", "Relu",
                "Conv",
                "Relu", "GlobalAveragePool", "Flatten", "Gemm");
        assertThat(parsed.initializers().keySet()).isEqualTo(m.stateDict().keySet());
        export(new Sequential(new Conv1d(2, 4, ConvOptions.kernel(3).withPadding(Padding.causal()).withDilation(2)
                .withStride(2).withGroups(2).withoutBias(), g), BatchNorm.of1d(4),
                Pool.average1d(PoolOptions.kernel(3).withStride(2).withPadding(1))), g.normal(0, 1, 2, 2, 19));
    }

    @Test
    void rowsOfALargerTensorStayInIt() throws IOException {
        ParsedModel flat = export(new Mlp(g, 7, 6, 5), g.normal(0, 1, 3, 7));
        assertThat(flat.operators()).containsExactly("Gemm", "Relu", "Gemm");
        assertThat(flat.initializers().keySet()).containsExactlyInAnyOrder("0.weight", "0.bias", "2.weight", "2.bias");
        ParsedModel deep = export(new Mlp(g, 7, 6, 5), g.normal(0, 1, 2, 3, 7));
        assertThat(deep.operators())
                .containsExactly("Transpose", "MatMul", "Add", "Relu", "Transpose", "MatMul", "Add");
    }

    @Test
    void convolutionsAndPoolings() throws IOException {
        export(new Conv2d(4, 6, ConvOptions.kernel(3).withPadding(Padding.same()).withStride(2).withGroups(2), g),
                g.normal(0, 1, 2, 4, 9, 12));
        export(Pool.max2d(PoolOptions.kernel(3).withStride(2).withPadding(1).withCeil()), g.normal(0, 1, 1, 2, 8, 9));
        export(Pool.average2d(PoolOptions.kernel(3).withStride(2).withPadding(1)), g.normal(0, 1, 1, 2, 8, 9));
        export(Pool.average2d(PoolOptions.kernel(3).withPadding(1).withoutCountingPadding()),
                g.normal(0, 1, 1, 2, 8, 9));
        export(Pool.adaptiveAverage2d(3), g.normal(0, 1, 1, 2, 9, 6));
        export(Pool.max2d(PoolOptions.kernel(5).withStride(7)), g.normal(0, 1, 1, 2, 9, 6));
        assertThatThrownBy(() -> export(Pool.adaptiveAverage2d(3), g.normal(0, 1, 1, 2, 8, 6)))
                .isInstanceOf(OnnxExportException.class)
                .hasMessage("onnx: averagePool cannot be exported: its windows over 8 elements differ in size or"
                        + " distance, which ONNX has no operator for; choose an output size that divides the input");
    }

    @Test
    void activations() throws IOException {
        List<Activation> all = List.of(Activation.relu(), Activation.leakyRelu(0.1), Activation.elu(1.3),
                Activation.selu(), Activation.gelu(), Activation.geluTanh(), Activation.silu(), Activation.mish(),
                Activation.sigmoid(), Activation.tanh(), Activation.hardTanh(-0.5, 0.7), Activation.relu6(),
                Activation.hardSigmoid(), Activation.hardSwish(), Activation.softplus(), Activation.softsign(),
                Activation.logSigmoid(), Activation.softmax(1), Activation.logSoftmax(-1));
        for (Activation a : all) {
            export(a, g.normal(0, 2, 2, 3, 5));
        }
        assertThat(export(Activation.gelu(), g.normal(0, 2, 4)).operators()).containsExactly("Gelu");
        assertThat(export(Activation.geluTanh(), g.normal(0, 2, 4)).operators()).containsExactly("Gelu");
        assertThat(export(Activation.leakyRelu(0.1), g.normal(0, 2, 4)).operators()).containsExactly("LeakyRelu");
    }

    private ParsedModel function(UnaryOperator<Tensor> work, Tensor x) throws IOException {
        return export(new Module() {
            @Override
            protected Tensor compute(Tensor input) {
                return work.apply(input);
            }
        }, x);
    }

    @Test
    void tensorOperations() throws IOException {
        Tensor x = g.normal(0, 1, 2, 3, 4);
        function(t -> t.permute(2, 0, 1).reshape(4, 6).matmul(t.reshape(6, 4)), x);
        function(t -> t.sub(t.mean(new int[] {2}, true)).square().sum(1), x);
        function(t -> t.var(new int[] {1}, 1, false), x);
        function(t -> Tensor.cat(2, t.narrow(2, 1, 2), t.slice(2, 0, 4, 3)), x);
        function(t -> Tensor.where(t.gt(0).logicalAnd(t.lt(1)), t, t.neg().add(2)), x);
        function(t -> t.le(0.2), x);
        function(t -> t.argmax(1), x);
        function(t -> t.logSumExp(new int[] {1}, false), x);
        function(t -> t.pad(new int[] {1, 2, 0, 1}, 0.5), x);
        function(t -> t.cumsum(2).amax(new int[] {0}, false), x);
        function(t -> t.gather(2, Tensor.of(new long[] {3, 1, 0, 2, 2, 1}, 2, 3, 1)), x);
        function(t -> t.indexSelect(1, Tensor.of(new long[] {2, 0}, 2)).expand(5, 2, 2, 4), x);
        function(t -> t.relu().add(Tensor.arange(4).to(DType.F32)), x);
        function(t -> t.clamp(-0.5, 0.5).sqrt().isNan().to(DType.F32), x);
        function(t -> Tensor.ones(2), x);
        function(t -> t, x);
    }

    @Test
    void normsAndEmbeddings() throws IOException {
        Embedding table = new Embedding(7, 5, g);
        ParsedModel rows = export(new Sequential(table, new LayerNorm(5), new RmsNorm(5)),
                Tensor.of(new long[] {6, 0, 3, 3, 1, 2}, 2, 3));
        assertThat(rows.operators()).containsExactly("Gather", "LayerNormalization", "Pow", "ReduceMean", "Add", "Sqrt",
                "Div", "Mul");
        assertThat(rows.initializers()).containsKeys("0.weight", "1.weight", "1.bias", "2.weight");
    }

    @Test
    void attention() throws IOException {
        function(t -> Attention.DEFAULT.asCausal().apply(t, t.mul(0.5), t.add(1)), g.normal(0, 1, 2, 3, 5, 4));
        function(
                t -> Attention.DEFAULT
                        .withPadding(Tensor.of(new boolean[] {false, true, false, false, false, true}, 2, 3))
                        .withMask(Tensor.ones(3, 3).triu(0)).apply(t, t.mul(0.5), t.add(1)),
                g.normal(0, 1, 2, 2, 3, 4));
        function(t -> Attention.DEFAULT.apply(t, t.narrow(1, 1, 2), t.narrow(1, 0, 2)), g.normal(0, 1, 2, 6, 3, 4));
    }

    @Test
    void transformers() throws IOException {
        ParsedModel parsed = export(new TransformerEncoderLayer(8, 2,
                TransformerEncoderLayer.Options.standard().withFeedForward(12).withActivation(Activation.gelu()), g),
                g.normal(0, 1, 2, 5, 8));
        assertThat(parsed.operators()).containsSubsequence("MatMul", "Add", "MatMul", "Mul", "Softmax", "MatMul",
                "Transpose", "Reshape", "MatMul", "Add", "Add", "LayerNormalization", "MatMul", "Add", "Gelu", "MatMul",
                "Add", "Add", "LayerNormalization");
        assertThat(parsed.initializers()).containsKeys("self_attn.in_proj_weight", "self_attn.out_proj.bias",
                "linear1.weight", "norm2.bias");
    }

    @Test
    void flattenedRowsStayInTheirTensor() throws IOException {
        Linear layer = new Linear(4, 4, g);
        ParsedModel parsed = function(t -> {
            Tensor rows = t.reshape(6, 4);
            return layer.forward(layer.forward(rows).gelu().add(rows)).mul(2).reshape(2, 3, 4);
        }, g.normal(0, 1, 2, 3, 4));
        assertThat(parsed.operators()).doesNotContain("Reshape", "Flatten");
        assertThat(function(t -> t.permute(1, 2, 0).permute(2, 0, 1), g.normal(0, 1, 2, 3, 4)).operators())
                .containsExactly("Identity");
        assertThat(function(t -> t.permute(1, 2, 0).permute(1, 2, 0), g.normal(0, 1, 2, 3, 4)).operators())
                .containsExactly("Transpose");
    }

    @Test
    void recurrentLayers() throws IOException {
        RecurrentOptions two = RecurrentOptions.DEFAULT.withLayers(2);
        Tensor x = g.normal(0, 1, 6, 2, 5);
        ParsedModel lstm = export(new LSTM(5, 4, two, g), x);
        assertThat(lstm.operators()).containsExactly("LSTM", "Reshape", "LSTM", "Reshape");
        assertThat(lstm.initializers()).containsKeys("weight_ih_l0_iofc", "weight_hh_l1_iofc", "bias_ih_l0_iofc");
        export(new LSTM(5, 4, two.withBothDirections().withBatchFirst().withoutBias(), g), x);
        export(new GRU(5, 4, two.withBothDirections(), g), x);
        export(new RNN(5, 4, RNN.Nonlinearity.RELU, two, g), x);
        export(new LSTMCell(5, 4, g), x.select(0, 0));
        GRUCell cell = new GRUCell(5, 4, g);
        export(new Sequential(cell, new Identity()), x.select(0, 1));
        LSTM layer = new LSTM(5, 4, g);
        Tensor state = g.normal(0, 1, 1, 2, 4);
        Path path = folder.resolve("state.onnx");
        OnnxExport.of(layer, in -> {
            var result = layer.forward(in.getFirst(), new RecurrentLayer.State(in.getLast(), state), null);
            return List.of(result.output(), result.last().hidden());
        }).input("x", x).input("h", state).write(path);
        List<Tensor> results =
                Interpreter.run(ParsedModel.read(path).checked(), Map.of("x", x, "h", state));
        var expected = Autograd.noGrad(() -> layer.forward(x, new RecurrentLayer.State(state, state), null));
        close(results.get(0), expected.output());
        close(results.get(1), expected.last().hidden());
    }

    @Test
    void bertKeepsItsShape() throws IOException {
        Bert bert = new Bert(new Bert.Config(11, 8, 2, 8, 2, 12, 1, 0.1, 1e-12), g);
        Tensor ids = Tensor.of(new long[] {1, 7, 10, 0, 3, 3}, 2, 3);
        ParsedModel parsed = export(bert, ids);
        String dense = "encoder.layer.0.";
        assertThat(parsed.initializers()).containsKeys("embeddings.word_embeddings.weight",
                "embeddings.LayerNorm.weight", dense + "attention.self.query.weight", dense + "attention.self.key.bias",
                dense + "attention.output.LayerNorm.bias", dense + "intermediate.dense.weight",
                dense + "output.dense.bias");
        // Query, key, value, result, and the two of the network; no reshape but those around the heads.
        assertThat(parsed.operators().stream().filter("MatMul"::equals)).hasSize(6 + 2);
        assertThat(parsed.operators().stream().filter("Reshape"::equals)).hasSize(4);
        assertThat(parsed.operators()).doesNotContain("Gemm", "Flatten");
        Path path = folder.resolve("masked.onnx");
        Tensor mask = Tensor.of(new long[] {1, 1, 0, 1, 1, 1}, 2, 3);
        OnnxExport.of(bert, in -> {
            Tensor hidden = bert.encode(in.get(0), null, in.get(1));
            return List.of(hidden, bert.pool(hidden));
        }).input("ids", ids).input("mask", mask).output("hidden").output("pooled").write(path);
        List<Tensor> results = Interpreter.run(ParsedModel.read(path).checked(), Map.of("ids", ids, "mask", mask));
        bert.eval();
        Tensor hidden = Autograd.noGrad(() -> bert.encode(ids, null, mask));
        close(results.get(0), hidden);
        close(results.get(1), Autograd.noGrad(() -> bert.pool(hidden)));
    }

    @Test
    void severalInputsAndOutputs() throws IOException {
        Linear layer = new Linear(3, 2, g);
        Tensor a = g.normal(0, 1, 4, 3);
        Tensor b = g.normal(0, 1, 4, 2);
        Path path = folder.resolve("two.onnx");
        OnnxExport.of(layer, in -> {
            Tensor y = layer.forward(in.getFirst());
            return List.of(y, y.add(in.getLast()), y);
        }).input("a", a).input("b", b).write(path);
        ParsedModel parsed = ParsedModel.read(path).checked();
        assertThat(parsed.outputs().keySet()).containsExactly("output0", "output1", "output2");
        List<Tensor> results = Interpreter.run(parsed, Map.of("a", a, "b", b));
        Tensor y = Autograd.noGrad(() -> layer.forward(a));
        close(results.get(0), y);
        close(results.get(1), Autograd.noGrad(() -> y.add(b)));
        close(results.get(2), y);
    }

    @Test
    void modesAndBytesStayTheSame() throws IOException {
        Sequential m = new Sequential(new Conv2d(1, 2, 3, g), BatchNorm.of2d(2));
        m.children().get("1").eval();
        Path first = folder.resolve("a.onnx");
        Path second = folder.resolve("b.onnx");
        OnnxExport.of(m).input("x", Tensor.zeros(1, 1, 5, 5)).write(first);
        OnnxExport.of(m).input("x", Tensor.zeros(1, 1, 5, 5)).write(second);
        assertThat(first).hasSameBinaryContentAs(second);
        assertThat(m.isTraining()).isTrue();
        assertThat(m.children().get("0").isTraining()).isTrue();
        assertThat(m.children().get("1").isTraining()).isFalse();
    }

    @Test
    void whatCannotBeWrittenSaysWhyAndLeavesTheFile() throws IOException {
        Path path = Files.writeString(folder.resolve("kept.onnx"), "old");
        Module noStatistics = BatchNorm.of2d(2, new BatchNorm.Options(1e-5, 0.1, true, false));
        assertThatThrownBy(
                () -> OnnxExport.of(noStatistics).input("x", Tensor.ones(2, 2, 3, 3)).write(path))
                .isInstanceOf(OnnxExportException.class)
                .hasMessageStartingWith("onnx: batchNorm cannot be exported: it normalises with the statistics of the"
                        + " batch")
                .returns("batchNorm", e -> ((OnnxExportException) e).operation());
        assertThatThrownBy(() -> OnnxExport.of(new Identity()).write(path))
                .hasMessageStartingWith("onnx: declare an input");
        assertThatThrownBy(() -> OnnxExport.of(new Linear(2, 2, g)).input("weight", Tensor.ones(1, 2)).write(path))
                .hasMessage("onnx: the name 'weight' is used twice");
        assertThatThrownBy(() -> OnnxExport.of(new Linear(2, 2, g)).input("x", Tensor.ones(1, 2)).output("a")
                .output("b").write(path))
                .hasMessage("onnx: the module gives 1 outputs, but 2 are named: [a, b]");
        assertThat(path).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }
}
