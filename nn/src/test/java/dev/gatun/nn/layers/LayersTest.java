package dev.gatun.nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class LayersTest {
    private final Generator generator = Generator.of(3);

    @Test
    void aValidConvolutionOfTheWorkedExample() {
        Conv1d conv = new Conv1d(1, 1, ConvOptions.kernel(3).withoutBias(), generator);
        conv.load(Map.of("weight", Tensor.of(new float[] {0.5f, 0.8f, 0.5f}, 1, 1, 3)));
        Tensor x = Tensor.of(new float[] {20, 22, 24, 25, 28, 27, 26}, 1, 1, 7);
        assertThat(conv.forward(x).toFloats())
                .containsExactly(new float[] {39.6f, 42.7f, 46.0f, 48.4f, 48.6f}, within(1e-4f));
    }

    @Test
    void weightCountsOfTheWorkedExamples() {
        assertThat(new Conv2d(3, 4, ConvOptions.kernel(3).withoutBias(), generator).parameterCount()).isEqualTo(108);
        Module separable = new Sequential(
                new Conv2d(3, 3, ConvOptions.kernel(3).withGroups(3).withoutBias(), generator),
                new Conv2d(3, 4, ConvOptions.kernel(1).withoutBias(), generator));
        assertThat(separable.parameterCount()).isEqualTo(27 + 12);
    }

    @Test
    void paddingDecidesTheSize() {
        Tensor image = Tensor.ones(2, 3, 10, 7);
        assertShape(conv2d(ConvOptions.kernel(3)), image, 2, 4, 8, 5);
        assertShape(conv2d(ConvOptions.kernel(3).withPadding(1).withStride(2)), image, 2, 4, 5, 4);
        assertShape(conv2d(ConvOptions.kernel(4).withPadding(Padding.same())), image, 2, 4, 10, 7);
        assertShape(conv2d(ConvOptions.kernel(3).withPadding(Padding.same()).withStride(2)), image, 2, 4, 5, 4);
        assertShape(conv2d(ConvOptions.kernel(3).withDilation(2)), image, 2, 4, 6, 3);
        Tensor row = Tensor.ones(2, 3, 10);
        assertShape(conv1d(ConvOptions.kernel(3).withPadding(Padding.causal()).withDilation(4)), row, 2, 4, 10);
        assertShape(conv1d(ConvOptions.kernel(1).withPadding(1).withStride(2)), row, 2, 4, 6);
        assertThatThrownBy(() -> conv2d(ConvOptions.kernel(3)).forward(row)).hasMessageContaining("[2, 3, 10]");
        assertThatThrownBy(() -> conv2d(ConvOptions.kernel(3).withPadding(Padding.causal())))
                .hasMessageContaining("Conv1d");
        assertThatThrownBy(() -> new Conv2d(3, 4, ConvOptions.kernel(3).withGroups(2), generator))
                .hasMessageContaining("groups 2");
    }

    @Test
    void aCausalConvolutionDoesNotSeeTheFuture() {
        Conv1d conv = conv1d(ConvOptions.kernel(3).withPadding(Padding.causal()));
        float[] zeros = conv.forward(Tensor.zeros(1, 3, 8)).toFloats();
        Tensor x = Tensor.zeros(1, 3, 8);
        x.narrow(2, 5, 1).fillInPlace(1);
        float[] y = conv.forward(x).toFloats();
        for (int c = 0; c < 4; c++) {
            for (int t = 0; t < 5; t++) {
                assertThat(y[c * 8 + t]).isEqualTo(zeros[c * 8 + t]);
            }
            assertThat(y[c * 8 + 5]).isNotEqualTo(zeros[c * 8 + 5]);
        }
    }

    private Conv2d conv2d(ConvOptions options) {
        return new Conv2d(3, 4, options, generator);
    }

    private Conv1d conv1d(ConvOptions options) {
        return new Conv1d(3, 4, options, generator);
    }

    private static void assertShape(Module module, Tensor x, int... expected) {
        assertThat(module.forward(x).shape().dims()).containsExactly(expected);
    }

    @Test
    void pools() {
        Tensor x = Tensor.of(new float[] {1, 2, 4, 3, 1, 5}, 1, 1, 6);
        assertThat(Pool.max1d(2).forward(x).toFloats()).containsExactly(2, 4, 5);
        assertThat(Pool.average1d(3).forward(x).toFloats()).containsExactly(new float[] {7 / 3f, 3}, within(1e-6f));
        assertThat(Pool.adaptiveMax1d(2).forward(x).toFloats()).containsExactly(4, 5);
        assertThat(Pool.adaptiveAverage1d(1).forward(x).toFloats()).containsExactly(new float[] {16 / 6f},
                within(1e-6f));
        PoolOptions padded = PoolOptions.kernel(2).withPadding(1);
        assertThat(Pool.average1d(padded).forward(x).toFloats()).containsExactly(0.5f, 3, 2, 2.5f);
        assertThat(Pool.average1d(padded.withoutCountingPadding()).forward(x).toFloats()).containsExactly(1, 3, 2, 5);
        Tensor line = Tensor.ones(1, 1, 100);
        assertShape(Pool.max1d(PoolOptions.kernel(3).withStride(2)), line, 1, 1, 49);
        assertShape(Pool.max1d(PoolOptions.kernel(3).withStride(2).withCeil()), line, 1, 1, 50);
        Tensor image = Tensor.arange(0.0, 16, 1).reshape(1, 1, 4, 4);
        assertThat(Pool.max2d(2).forward(image).toFloats()).containsExactly(5, 7, 13, 15);
        assertThat(Pool.average2d(2).forward(image).toFloats()).containsExactly(2.5f, 4.5f, 10.5f, 12.5f);
        assertThat(Pool.adaptiveAverage2d(1).forward(image).toFloats()).containsExactly(7.5f);
        assertThat(Pool.adaptiveMax2d(2).forward(image).toFloats()).containsExactly(5, 7, 13, 15);
        assertThatThrownBy(() -> Pool.max2d(2).forward(x)).hasMessageContaining("[1, 1, 6]");
    }

    @Test
    void batchNormFollowsTheBatch() {
        BatchNorm norm = BatchNorm.of1d(2);
        Tensor x = Tensor.of(new float[] {1, 10, 2, 20, 3, 60}, 3, 2);
        float[] y = norm.forward(x).toFloats();
        // Channel 0: mean 2, biased variance 2/3; channel 1: mean 30, biased variance 1400/3.
        assertThat(y[0]).isCloseTo((float) (-1 / Math.sqrt(2 / 3.0 + 1e-5)), within(1e-6f));
        assertThat(y[5]).isCloseTo((float) (30 / Math.sqrt(1400 / 3.0 + 1e-5)), within(1e-6f));
        Map<String, Tensor> state = norm.stateDict();
        assertThat(state.keySet())
                .containsExactly("weight", "bias", "running_mean", "running_var", "num_batches_tracked");
        assertThat(state.get("running_mean").toFloats()).containsExactly(new float[] {0.2f, 3}, within(1e-6f));
        assertThat(state.get("running_var").toFloats()).containsExactly(new float[] {0.9f + 0.1f, 0.9f + 70},
                within(1e-5f));
        assertThat(state.get("num_batches_tracked").item()).isEqualTo(1);
        norm.eval();
        float[] judged = norm.forward(Tensor.of(new float[] {1, 10}, 1, 2)).toFloats();
        assertThat(judged[0]).isCloseTo((float) (0.8 / Math.sqrt(1 + 1e-5)), within(1e-6f));
        assertThat(judged[1]).isCloseTo((float) (7 / Math.sqrt(70.9)), within(1e-6f));
        assertThat(state.get("num_batches_tracked").item()).isEqualTo(1);
    }

    @Test
    void batchNormRefusesOneValuePerChannel() {
        assertThatThrownBy(() -> BatchNorm.of1d(2).forward(Tensor.ones(1, 2))).hasMessageContaining("[1, 2]");
        assertThatThrownBy(() -> BatchNorm.of2d(2).forward(Tensor.ones(1, 2)))
                .hasMessageContaining("[n, channels, h, w]");
        BatchNorm.of1d(2).forward(Tensor.ones(1, 2, 2));
    }

    @Test
    void aCumulativeBatchNormKeepsTheMeanOfAllBatches() {
        BatchNorm norm = BatchNorm.of1d(1, new BatchNorm.Options(1e-5, Double.NaN, false, true));
        for (float mean : new float[] {1, 5, 6}) {
            norm.forward(Tensor.of(new float[] {mean - 1, mean + 1}, 2, 1));
        }
        assertThat(norm.stateDict().get("running_mean").item()).isCloseTo(4, within(1e-6));
        assertThat(norm.stateDict().get("running_var").item()).isCloseTo(2, within(1e-6));
        assertThat(norm.parameters()).isEmpty();
    }

    @Test
    void dropoutScalesInTrainingAndIsNothingInEvaluation() {
        Dropout dropout = new Dropout(0.25, generator);
        Tensor x = Tensor.ones(10_000);
        var before = dropout.state();
        float[] y = dropout.forward(x).toFloats();
        int kept = 0;
        for (float v : y) {
            assertThat(v == 0 || v == 1 / 0.75f).isTrue();
            kept += v == 0 ? 0 : 1;
        }
        assertThat(kept).isBetween(7300, 7700);
        assertThat(dropout.forward(x).toFloats()).isNotEqualTo(y);
        dropout.restore(before);
        assertThat(dropout.forward(x).toFloats()).isEqualTo(y);
        dropout.eval();
        assertThat(dropout.forward(x)).isSameAs(x);
        assertThat(new Dropout(1, generator).forward(Tensor.ones(3)).toFloats()).containsExactly(0, 0, 0);
    }

    @Test
    void activationsAndTheirDerivatives() {
        check(Activation.relu(), x -> Math.max(x, 0));
        check(Activation.leakyRelu(0.1), x -> x > 0 ? x : 0.1 * x);
        check(Activation.elu(1.5), x -> x > 0 ? x : 1.5 * Math.expm1(x));
        check(Activation.selu(), x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)));
        check(Activation.geluTanh(),
                x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
        check(Activation.silu(), x -> x / (1 + Math.exp(-x)));
        check(Activation.mish(), x -> x * Math.tanh(Math.log1p(Math.exp(x))));
        check(Activation.sigmoid(), x -> 1 / (1 + Math.exp(-x)));
        check(Activation.tanh(), Math::tanh);
        check(Activation.hardTanh(-1, 1), x -> Math.clamp(x, -1.0, 1.0));
        check(Activation.relu6(), x -> Math.clamp(x, 0.0, 6.0));
        check(Activation.hardSigmoid(), x -> Math.clamp(x + 3, 0.0, 6.0) / 6);
        check(Activation.hardSwish(), x -> x * Math.clamp(x + 3, 0.0, 6.0) / 6);
        check(Activation.softplus(), x -> Math.log1p(Math.exp(x)));
        check(Activation.softsign(), x -> x / (1 + Math.abs(x)));
        check(Activation.logSigmoid(), x -> -Math.log1p(Math.exp(-x)));
        // Φ(1) = 0.841344746068543, a tabulated value.
        assertThat(Activation.gelu().forward(Tensor.of(new double[] {1, -1})).toDoubles())
                .containsExactly(new double[] {0.841344746068543, 0.841344746068543 - 1}, within(1e-12));
    }

    private static void check(Activation activation, DoubleUnaryOperator formula) {
        double[] points = {-7, -3.5, -2, -0.6, 0.3, 1.5, 2.9, 6.5};
        Tensor x = Tensor.of(points).requiresGrad(true);
        Tensor y = activation.forward(x);
        y.sum().backward();
        double[] values = y.toDoubles();
        double[] slopes = x.grad().toDoubles();
        for (int i = 0; i < points.length; i++) {
            double h = 1e-6;
            double slope = (formula.applyAsDouble(points[i] + h) - formula.applyAsDouble(points[i] - h)) / (2 * h);
            assertThat(values[i]).as("%s at %s", activation, points[i])
                    .isCloseTo(formula.applyAsDouble(points[i]), within(1e-12));
            assertThat(slopes[i]).as("slope of %s at %s", activation, points[i]).isCloseTo(slope, within(1e-8));
        }
    }

    @Test
    void softmaxRowsAndPRelu() {
        Tensor x = Tensor.of(new float[] {0, 0, 1, 3}, 2, 2);
        assertThat(Activation.softmax(1).forward(x).toFloats()[0]).isEqualTo(0.5f);
        assertThat(Activation.logSoftmax(0).forward(x).sum(0).toFloats()[0])
                .isCloseTo((float) (1 - 2 * Math.log(1 + Math.E)), within(1e-5f));
        PRelu prelu = new PRelu(2);
        Tensor z = Tensor.of(new float[] {-4, 8, 4, -8}, 2, 2).requiresGrad(true);
        Tensor y = prelu.forward(z);
        assertThat(y.toFloats()).containsExactly(-1, 8, 4, -2);
        y.sum().backward();
        assertThat(prelu.parameters().get("weight").grad().toFloats()).containsExactly(-4, -8);
        assertThat(z.grad().toFloats()).containsExactly(0.25f, 1, 1, 0.25f);
        assertThatThrownBy(() -> new PRelu(3).forward(z)).hasMessageContaining("[2, 2]");
    }
}
