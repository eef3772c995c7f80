package dev.gatun.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.gatun.kernels.DType;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.GRU;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.LSTMCell;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.PoolOptions;
import dev.gatun.nn.layers.RNN;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.nn.layers.RmsNorm;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.layers.TransformerEncoderLayer;
import dev.gatun.nn.models.Bert;
import dev.gatun.nn.models.LstmEncoder;
import dev.gatun.nn.models.Mlp;
import dev.gatun.nn.models.MobileNetV2;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.nn.models.Vgg;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Exported models give the same answers in ONNX Runtime. Compiled and run with `mvn -Ppeers` alone.
class OnnxRuntimeTest {
    @TempDir private Path folder;
    private final Generator g = Generator.of(8);

    private record Sample(Module module, Tensor x) {}

    private Sample of(Module module, int... dims) {
        return new Sample(module, g.normal(0, 1, dims));
    }

    private Module function(UnaryOperator<Tensor> work) {
        return new Module() {
            @Override
            protected Tensor compute(Tensor x) {
                return work.apply(x);
            }
        };
    }

    private Map<String, Sample> samples() {
        Map<String, Sample> all = new LinkedHashMap<>();
        all.put("resnet 18", of(ResNet.of18(g), 1, 3, 64, 64));
        all.put("resnet 50", of(ResNet.of50(g), 1, 3, 64, 64));
        all.put("mobilenetv2", of(MobileNetV2.of(g), 1, 3, 64, 64));
        all.put("vgg", of(new Vgg(new Vgg.Options(List.of(List.of(4), List.of(6, 6)), 20, 3, 5), g), 1, 3, 28, 28));
        all.put("time series cnn", of(TimeSeriesCnn.of(g), 2, 3, 80));
        all.put("mlp", of(Mlp.of(g), 3, 784));
        all.put("mlp over rows", of(Mlp.of(g), 2, 3, 784));
        all.put("lstm encoder", of(LstmEncoder.of(g), 2, 20, 128));
        RecurrentOptions two = RecurrentOptions.DEFAULT.withLayers(2).withBothDirections();
        all.put("lstm", of(new LSTM(5, 4, two, g), 7, 2, 5));
        all.put("gru", of(new GRU(5, 4, two.withoutBias(), g), 7, 2, 5));
        all.put("rnn", of(new RNN(5, 4, RNN.Nonlinearity.RELU, two.withBatchFirst(), g), 2, 7, 5));
        all.put("lstm cell", of(new LSTMCell(5, 4, g), 2, 5));
        all.put("embedding and norms", new Sample(
                new Sequential(new Embedding(7, 8, g), new LayerNorm(8), new RmsNorm(8)),
                Tensor.of(new long[] {6, 0, 3, 3, 1, 2}, 2, 3)));
        all.put("transformer layer", of(new TransformerEncoderLayer(16, 2, TransformerEncoderLayer.Options.standard()
                .withFeedForward(32).withActivation(Activation.gelu()), g), 2, 5, 16));
        all.put("causal attention of groups", of(function(
                t -> Attention.DEFAULT.asCausal().apply(t, t.narrow(1, 1, 2), t.narrow(1, 0, 2))), 2, 6, 3, 4));
        all.put("padded attention", of(function(t -> Attention.DEFAULT
                .withPadding(Tensor.of(new boolean[] {false, true, false, false, false, true}, 2, 3))
                .withMask(Tensor.ones(3, 3).triu(0)).apply(t, t.mul(0.5), t.add(1))), 2, 2, 3, 4));
        all.put("bert", new Sample(new Bert(new Bert.Config(11, 8, 2, 8, 2, 12, 2, 0.1, 1e-12), g),
                Tensor.of(new long[] {1, 7, 10, 0, 3, 3}, 2, 3)));
        all.put("max pooling up", of(Pool.max2d(PoolOptions.kernel(3).withStride(2).withPadding(1).withCeil()), 1, 2, 8,
                9));
        all.put("average pooling", of(Pool.average2d(PoolOptions.kernel(3).withStride(2).withPadding(1)), 1, 2, 8, 9));
        all.put("average without padding", of(
                Pool.average1d(PoolOptions.kernel(3).withPadding(1).withoutCountingPadding()), 1, 2, 9));
        all.put("reductions", of(function(t -> t.var(new int[] {1}, 1, true).add(t.amax(new int[] {2}, true))), 2, 3,
                4));
        all.put("choice", of(function(t -> Tensor.where(t.gt(0).logicalAnd(t.lt(1)), t, t.neg().add(2))), 2, 3, 4));
        all.put("slices", of(function(t -> Tensor.cat(2, t.narrow(2, 1, 2), t.slice(2, 0, 4, 3))), 2, 3, 4));
        List<Activation> activations = List.of(Activation.leakyRelu(0.1), Activation.elu(1.3), Activation.selu(),
                Activation.gelu(), Activation.geluTanh(), Activation.silu(), Activation.mish(),
                Activation.hardTanh(-0.5, 0.7), Activation.hardSwish(), Activation.softplus(), Activation.softsign(),
                Activation.logSigmoid(), Activation.logSoftmax(-1), Activation.softmax(1));
        activations.forEach(a -> all.put(a.toString(), of(a, 2, 3, 5)));
        return all;
    }

    @TestFactory
    Stream<DynamicTest> answersAreTheSame() {
        return samples().entrySet().stream().map(s -> DynamicTest.dynamicTest(s.getKey(), () -> check(s.getValue())));
    }

    private void check(Sample sample) throws Exception {
        Path path = folder.resolve("model.onnx");
        sample.module.eval();
        float[] expected = Autograd.noGrad(() -> sample.module.forward(sample.x)).toFloats();
        OnnxExport.of(sample.module).input("x", sample.x).output("y").write(path);
        float largest = 0;
        for (float v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertThat(largest).isPositive();
        assertThat(run(path, sample.x)).containsExactly(expected, within(1e-4f * largest));
    }

    private static float[] run(Path path, Tensor x) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] dims = Arrays.stream(x.shape().dims()).asLongStream().toArray();
        try (OrtSession session = environment.createSession(path.toString());
                OnnxTensor in = x.dtype() == DType.I64
                        ? OnnxTensor.createTensor(environment, LongBuffer.wrap(x.toLongs()), dims)
                        : OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloats()), dims);
                OrtSession.Result result = session.run(Map.of("x", in))) {
            FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] out = new float[y.remaining()];
            y.get(out);
            return out;
        }
    }
}
