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

    @Test
    void anEncoderRunsInASessionAndDropsOnlyInTraining() {
        TransformerEncoderLayer.Options options = TransformerEncoderLayer.Options.standard().withFeedForward(48);
        Generator g = Generator.of(1);
        TransformerEncoder encoder = new TransformerEncoder(
                java.util.List.of(new TransformerEncoderLayer(24, 3, options, g),
                        new TransformerEncoderLayer(24, 3, options.withNormFirst(), g)),
                new LayerNorm(24));
        Tensor x = Generator.of(3).normal(0, 1, 2, 7, 24);
        float[] once = encoder.forward(x).toFloats();
        assertThat(encoder.forward(x).toFloats()).isNotEqualTo(once);
        float[] expected = encoder.eval().forward(x).toFloats();
        assertThat(encoder.forward(x).toFloats()).containsExactly(expected);
        try (Session session = Session.builder(encoder).input(Shape.of(2, 7, 24)).warmUp(Duration.ZERO).build()) {
            assertThat(session.run(x).toFloats()).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        }
        assertThat(encoder.stateDict()).containsKeys("layers.0.self_attn.in_proj_weight",
                "layers.1.self_attn.out_proj.bias", "layers.0.linear1.weight", "layers.1.norm2.bias", "norm.weight");
    }

    @Test
    void attentionRefusesWidthsThatDoNotFit() {
        assertThatThrownBy(() -> new MultiheadAttention(10, 3, Generator.of(1))).hasMessageStartingWith(
                "multiheadAttention: the width must be a positive multiple of the heads");
        assertThatThrownBy(() -> new MultiheadAttention(12, 3, Generator.of(1)).forward(Tensor.ones(2, 12)))
                .hasMessage("multiheadAttention: input must be [n, t, 12]: [2, 12]");
    }
}
