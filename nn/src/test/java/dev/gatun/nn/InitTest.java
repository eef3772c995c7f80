package dev.gatun.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitTest {
    private final Generator generator = Generator.of(11);

    @Test
    void boundsFollowTheFans() {
        // fan-in 8·9 = 72, fan-out 16·9 = 144
        assertUniform(Init.standard(), 1 / Math.sqrt(72));
        assertUniform(Init.kaimingUniform(Init.RELU_GAIN), Math.sqrt(6 / 72.0));
        assertUniform(Init.xavierUniform(1), Math.sqrt(6 / 216.0));
        assertDeviation(Init.kaimingNormal(Init.RELU_GAIN), Math.sqrt(2 / 72.0));
        assertDeviation(Init.xavierNormal(2), 2 * Math.sqrt(2 / 216.0));
        assertDeviation(Init.normal(0, 0.5), 0.5);
    }

    private void assertUniform(Init init, double bound) {
        float[] values = init.make(generator, 16, 8, 3, 3).toFloats();
        double largest = 0;
        for (float v : values) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertThat(largest).isLessThanOrEqualTo(bound * 1.000001).isGreaterThan(bound * 0.98);
        assertDeviation(init, bound / Math.sqrt(3));
    }

    private void assertDeviation(Init init, double expected) {
        double[] values = init.make(generator, 16, 8, 3, 3).toDoubles();
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
        assertThat(mean).isCloseTo(0, within(4 * expected / Math.sqrt(values.length)));
        assertThat(Math.sqrt(squares)).isCloseTo(expected, within(expected * 0.1));
    }

    @Test
    void constantsAndTruncation() {
        assertThat(Init.ones().make(generator, 3).toFloats()).containsExactly(1, 1, 1);
        assertThat(Init.zeros().make(generator, 2).toFloats()).containsExactly(0, 0);
        double[] values = Init.truncatedNormal(1, 2, 0, 3).make(generator, 1000).toDoubles();
        assertThat(Arrays.stream(values).allMatch(v -> v >= 0 && v <= 3)).isTrue();
        assertThat(Arrays.stream(values).average().orElseThrow()).isBetween(1.3, 1.6);
    }

    @Test
    void orthogonalRowsOrColumns() {
        for (int[] dims : new int[][] {{3, 7}, {7, 3}, {4, 2, 2}}) {
            Tensor t = Init.orthogonal(2).make(generator, dims).reshape(dims[0], -1);
            Tensor product = t.size(0) <= t.size(1) ? t.matmul(t.t()) : t.t().matmul(t);
            Tensor identity = Tensor.eye(product.size(0)).mul(4);
            assertThat(product.sub(identity).abs().amax().item()).isLessThan(1e-5);
        }
    }

    @Test
    void theSameSeedGivesTheSameNumbers() {
        float[] a = Init.standard().make(Generator.of(5), 4, 4).toFloats();
        assertThat(Init.standard().make(Generator.of(5), 4, 4).toFloats()).isEqualTo(a);
        assertThat(Init.standard().make(Generator.of(6), 4, 4).toFloats()).isNotEqualTo(a);
    }
}
