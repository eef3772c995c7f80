package dev.gatun.nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.Session;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TransformerLayersTest {
    @Test
    void aNormRefusesRowsOfAnotherShape() {
        assertThatThrownBy(() -> new LayerNorm(4).forward(Tensor.ones(2, 3)))
                .hasMessage("layerNorm: the last dims of the input must be [4]: [2, 3]");
        assertThatThrownBy(() -> new RmsNorm(2, 3).forward(Tensor.ones(3)))
                .hasMessage("rmsNorm: the last dims of the input must be [2, 3]: [3]");
        assertThatThrownBy(() -> new LayerNorm(new int[0]))
                .hasMessage("layerNorm: the normalised shape needs sizes of at least 1: []");
    }

    @Test
    void normsRunInSessions() {
        Tensor x = Generator.of(3).normal(2, 3, 5, 24);
        Sequential network = new Sequential(new LayerNorm(24), new Linear(24, 24, Generator.of(1)), new RmsNorm(24));
        float[] expected = network.eval().forward(x).toFloats();
        try (Session session = Session.builder(network).input(Shape.of(5, 24)).warmUp(Duration.ZERO).build()) {
            assertThat(session.run(x).toFloats()).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        }
    }

    @Test
    void embeddingsNameABadIndex() {
        Embedding table = new Embedding(5, 3, 2, Double.POSITIVE_INFINITY, Generator.of(1));
        assertThat(table.forward(Tensor.of(new int[] {2}, 1)).toFloats()).containsOnly(0);
        assertThatThrownBy(() -> table.forward(Tensor.of(new int[] {1, -1}, 2)))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("embedding: index out of range: -1 at position [1], must be in 0 … 4");
        assertThatThrownBy(() -> new Embedding(5, 3, 5, 1, Generator.of(1))).hasMessage("embedding: needs num ≥ 1, dim"
                + " ≥ 1, padding index in −1 … num − 1, max norm > 0: num 5, dim 3, padding 5, max norm 1.0");
    }
}
