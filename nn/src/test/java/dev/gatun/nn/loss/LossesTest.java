package dev.gatun.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.ops.Tensor;
import org.junit.jupiter.api.Test;

class LossesTest {
    private static final float[] LOGITS = {1, 2, 3, 0, 0, 0, 2, -1, 0.5f};
    private static final double[][] ROWS = {{1, 2, 3}, {0, 0, 0}, {2, -1, 0.5}};

    private static double logSoftmax(int row, int label) {
        double sum = 0;
        for (double v : ROWS[row]) {
            sum += Math.exp(v);
        }
        return ROWS[row][label] - Math.log(sum);
    }

    private static Tensor logits() {
        return Tensor.of(LOGITS, 3, 3);
    }

    @Test
    void crossEntropyIsTheMeanOfTheRows() {
        double expected = -(logSoftmax(0, 2) + logSoftmax(1, 0) + logSoftmax(2, 1)) / 3;
        Tensor labels = Tensor.of(new long[] {2, 0, 1});
        assertThat(Losses.crossEntropy(logits(), labels).item()).isCloseTo(expected, within(1e-6));
        assertThat(Losses.nll(logits().logSoftmax(1), labels).item()).isCloseTo(expected, within(1e-6));
        assertThat(CrossEntropy.DEFAULT.withReduction(Reduction.SUM).apply(logits(), labels).item())
                .isCloseTo(3 * expected, within(1e-6));
        assertThat(CrossEntropy.DEFAULT.withReduction(Reduction.NONE).apply(logits(), labels).toFloats()[2])
                .isCloseTo((float) -logSoftmax(2, 1), within(1e-6f));
    }

    @Test
    void theGradientIsSoftmaxMinusTarget() {
        Tensor x = logits().requiresGrad(true);
        Losses.crossEntropy(x, Tensor.of(new long[] {2, 0, 1})).backward();
        double[] gradient = x.grad().toDoubles();
        int[] labels = {2, 0, 1};
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++) {
                double expected = (Math.exp(logSoftmax(r, c)) - (labels[r] == c ? 1 : 0)) / 3;
                assertThat(gradient[r * 3 + c]).isCloseTo(expected, within(1e-6));
            }
        }
    }

    @Test
    void weightsAndIgnoredLabels() {
        CrossEntropy loss = CrossEntropy.DEFAULT.withWeights(Tensor.of(new float[] {1, 2, 4})).withIgnoreIndex(0);
        double expected = -(4 * logSoftmax(0, 2) + 2 * logSoftmax(2, 1)) / 6;
        assertThat(loss.apply(logits(), Tensor.of(new long[] {2, 0, 1})).item()).isCloseTo(expected, within(1e-6));
    }

    @Test
    void theIgnoredLabelIsLookedAtBeforeTheRange() {
        Tensor x = logits().requiresGrad(true);
        Tensor value = Losses.crossEntropy(x, Tensor.of(new long[] {2, -100, 1}));
        assertThat(value.item()).isCloseTo(-(logSoftmax(0, 2) + logSoftmax(2, 1)) / 2, within(1e-6));
        value.backward();
        assertThat(x.grad().narrow(0, 1, 1).toFloats()).containsExactly(0, 0, 0);
        assertThatThrownBy(() -> Losses.crossEntropy(logits(), Tensor.of(new long[] {2, 3, 1})))
                .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("3");
        assertThatThrownBy(() -> Losses.crossEntropy(logits(), Tensor.of(new long[] {2, -1, 1})))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void allIgnoredIsNaN() {
        Tensor labels = Tensor.of(new long[] {-100, -100, -100});
        assertThat(Losses.crossEntropy(logits(), labels).item()).isNaN();
        assertThat(CrossEntropy.DEFAULT.withReduction(Reduction.SUM).apply(logits(), labels).item()).isZero();
    }

    @Test
    void anIgnoredRowMayBeInfinite() {
        Tensor x = Tensor.of(new float[] {0, Float.NEGATIVE_INFINITY, 1, 2}, 2, 2);
        assertThat(Losses.nll(x, Tensor.of(new long[] {-100, 0})).item()).isEqualTo(-1);
        CrossEntropy ignoreOne = CrossEntropy.DEFAULT.withIgnoreIndex(1);
        assertThat(ignoreOne.nll(x, Tensor.of(new long[] {1, 0})).item()).isEqualTo(-1);
    }

    @Test
    void smoothingSpreadsTheLabel() {
        double s = 0.3;
        double expected = 0;
        int[] labels = {2, 0, 1};
        for (int r = 0; r < 3; r++) {
            double all = logSoftmax(r, 0) + logSoftmax(r, 1) + logSoftmax(r, 2);
            expected -= (1 - s) * logSoftmax(r, labels[r]) + s / 3 * all;
        }
        assertThat(CrossEntropy.DEFAULT.withSmoothing(s).apply(logits(), Tensor.of(new long[] {2, 0, 1})).item())
                .isCloseTo(expected / 3, within(1e-6));
    }

    @Test
    void imagesOfClasses() {
        // [1, 3, 1, 3]: the transposed rows, one per pixel.
        Tensor x = logits().t().reshape(1, 3, 1, 3);
        double expected = -(logSoftmax(0, 2) + logSoftmax(1, 0) + logSoftmax(2, 1)) / 3;
        assertThat(Losses.crossEntropy(x, Tensor.of(new long[] {2, 0, 1}, 1, 1, 3)).item())
                .isCloseTo(expected, within(1e-6));
        assertThatThrownBy(() -> Losses.crossEntropy(x, Tensor.of(new long[] {2, 0, 1})))
                .hasMessageContaining("labels [n, ...]");
        assertThatThrownBy(() -> Losses.crossEntropy(logits(), logits())).hasMessageContaining("class indices");
    }

    @Test
    void distances() {
        Tensor x = Tensor.of(new float[] {0, 1, 5});
        Tensor y = Tensor.of(new float[] {0, 3, 1});
        assertThat(Losses.mse(x, y).item()).isCloseTo(20 / 3.0, within(1e-6));
        assertThat(Losses.l1(x, y).item()).isEqualTo(2);
        assertThat(Losses.huber(x, y, 3, Reduction.SUM).item()).isEqualTo(2 + 3 * (4 - 1.5));
        assertThat(Losses.smoothL1(x, y, 4, Reduction.SUM).item()).isCloseTo(0.5 * 4 / 4 + 4 - 2, within(1e-6));
        assertThat(Losses.l1(x, y, Reduction.NONE).toFloats()).containsExactly(0, 2, 4);
        assertThatThrownBy(() -> Losses.mse(x, Tensor.zeros(3, 1))).hasMessageContaining("one shape");
    }

    @Test
    void binaryCrossEntropy() {
        double[] x = {-2, 0, 3};
        double[] y = {0, 1, 0.25};
        double expected = 0;
        double weighted = 0;
        for (int i = 0; i < 3; i++) {
            double p = 1 / (1 + Math.exp(-x[i]));
            expected -= (y[i] * Math.log(p) + (1 - y[i]) * Math.log(1 - p)) / 3;
            weighted -= (2.5 * y[i] * Math.log(p) + (1 - y[i]) * Math.log(1 - p)) / 3;
        }
        Tensor logits = Tensor.of(x);
        Tensor targets = Tensor.of(y);
        assertThat(Losses.bceWithLogits(logits, targets).item()).isCloseTo(expected, within(1e-12));
        assertThat(Losses.bce(logits.sigmoid(), targets).item()).isCloseTo(expected, within(1e-12));
        Tensor weight = Tensor.of(new double[] {2.5});
        assertThat(Losses.bceWithLogits(logits, targets, weight, Reduction.MEAN).item())
                .isCloseTo(weighted, within(1e-12));
    }

    @Test
    void binaryCrossEntropyAtTheEdges() {
        Tensor logits = Tensor.of(new float[] {200, -200}).requiresGrad(true);
        Tensor value = Losses.bceWithLogits(logits, Tensor.of(new float[] {0, 1}));
        assertThat(value.item()).isEqualTo(200);
        value.backward();
        assertThat(logits.grad().toFloats()).containsExactly(0.5f, -0.5f);
        assertThat(Losses.bce(Tensor.of(new float[] {0, 1}), Tensor.of(new float[] {1, 1})).item()).isEqualTo(50);
    }
}
