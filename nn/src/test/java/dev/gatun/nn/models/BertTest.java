package dev.gatun.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.Session;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BertTest {
    private static Bert small() {
        return new Bert(new Bert.Config(50, 32, 2, 48, 4, 96, 2, 0.1, 1e-12), Generator.of(1));
    }

    /// Sizes of the files as published, counted without making the tensors of the larger one.
    @Test
    void parametersAsPublished() {
        assertThat(count(Bert.Config.base())).isEqualTo(109_482_240);
        assertThat(count(Bert.Config.miniLm6())).isEqualTo(22_713_216);
        Bert.Config c = new Bert.Config(50, 32, 2, 48, 4, 96, 2, 0.1, 1e-12);
        assertThat(small().parameterCount()).isEqualTo(count(c));
    }

    private static long count(Bert.Config c) {
        long d = c.width();
        long layer = 4 * (d * d + d) + 2 * d * c.inner() + c.inner() + d + 4 * d;
        return (c.vocabulary() + c.positions() + c.types() + 2) * d + c.layers() * layer + d * d + d;
    }

    @Test
    void miniLmHasThePublishedNamesAndCount() {
        try (Engine engine = Engine.builder().memoryBudget(256L << 20).build()) {
            engine.run(() -> {
                Bert bert = new Bert(Bert.Config.miniLm6(), Generator.of(1));
                assertThat(bert.parameterCount()).isEqualTo(22_713_216);
                assertThat(bert.stateDict()).containsKeys("embeddings.word_embeddings.weight",
                        "embeddings.LayerNorm.bias", "encoder.layer.5.attention.self.query.weight",
                        "encoder.layer.0.attention.output.dense.bias",
                        "encoder.layer.0.attention.output.LayerNorm.weight",
                        "encoder.layer.3.intermediate.dense.weight", "encoder.layer.3.output.dense.weight",
                        "encoder.layer.3.output.LayerNorm.weight", "pooler.dense.bias");
            });
        }
    }

    @Test
    void tokensThatAreNotThereDoNotMatter() {
        Bert bert = small();
        bert.eval();
        Tensor ids = Tensor.of(new long[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
        Tensor mask = Tensor.of(new int[] {1, 1, 1, 1, 1, 1, 0, 0}, 2, 4);
        float[] all = bert.encode(ids, null, mask).toFloats();
        Tensor others = Tensor.of(new long[] {1, 2, 3, 4, 5, 6, 9, 9}, 2, 4);
        float[] changed = bert.encode(others, null, mask).toFloats();
        assertThat(java.util.Arrays.copyOf(changed, 6 * 48)).containsExactly(java.util.Arrays.copyOf(all, 6 * 48));
    }

    @Test
    void aSessionTakesTokenNumbersAndMaskAndGivesTheSameBitsOnAnyThreads() {
        Bert bert = small();
        bert.eval();
        Tensor ids = Generator.of(2).integers(0, 50, 2, 9);
        Tensor types = Generator.of(3).integers(0, 2, 2, 9);
        Tensor mask = Tensor.of(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}, 2, 9);
        float[] expected = bert.encode(ids, types, mask).toFloats();
        float[] first = {};
        for (int threads : new int[] {1, 2, 3}) {
            try (Session session = Session.builder(bert).input(ids, types, mask)
                    .computing(in -> bert.encode(in.get(0), in.get(1), in.get(2))).threads(threads)
                    .warmUp(Duration.ZERO).build()) {
                float[] y = session.run(List.of(ids, types, mask)).toFloats();
                assertThat(y).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
                if (first.length > 0) {
                    assertThat(y).containsExactly(first);
                }
                first = y;
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment out = arena.allocate(2 * 9 * 48 * 4, 64);
                    session.run(new MemorySegment[] {ids.view().bytes(), types.view().bytes(), mask.view().bytes()},
                            out);
                    assertThat(out.toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT)).containsExactly(first);
                    assertThatThrownBy(() -> session.run(new MemorySegment[] {out}, out))
                            .hasMessageStartingWith("session: no compiled plan has 1 inputs");
                }
            }
        }
        try (Session session = Session.builder(bert).input(ids).warmUp(Duration.ZERO).build()) {
            assertThat(session.run(ids).toFloats()).usingComparatorWithPrecision(1e-5f)
                    .containsExactly(bert.forward(ids).toFloats());
            assertThatThrownBy(() -> session.run(ids.to(dev.gatun.kernels.DType.F32), Tensor.zeros(2, 9, 48)))
                    .hasMessageStartingWith("session: the input must be I64 and contiguous: F32[2, 9]");
        }
    }

    @Test
    void aSessionProjectsQueriesKeysAndValuesByOneProductAndExplainsItself() {
        Bert bert = new Bert(new Bert.Config(50, 16, 2, 8, 2, 16, 2, 0.1, 1e-12), Generator.of(3));
        Tensor ids = Tensor.of(new long[] {3, 49, 17, 0, 8}, 1, 5);
        try (Session session = Session.builder(bert).input(ids).warmUp(Duration.ZERO).build()) {
            List<String> calls = session.explain().lines().skip(2).toList();
            assertThat(calls.stream().filter(l -> l.contains("matmul"))).hasSize(2 * 4);
            assertThat(calls.stream().filter(l -> l.contains("scaledDotProductAttention"))).hasSize(2);
            float[] expected = bert.eval().forward(ids).toFloats();
            float[] actual = new float[expected.length];
            session.run(new MemorySegment[] {ids.view().bytes()}, MemorySegment.ofArray(actual));
            assertThat(actual).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        }
    }

    @Test
    void wordsOfTheErrors() {
        Bert bert = small();
        assertThatThrownBy(() -> bert.forward(Tensor.of(new long[33], 1, 33)))
                .hasMessage("bert: at most 32 positions: token numbers [1, 33]");
        assertThatThrownBy(() -> bert.encode(Tensor.of(new long[4], 1, 4), null, Tensor.ones(4)))
                .hasMessage("bert: mask must be [n, t] as the token numbers are: [4], token numbers [1, 4]");
        assertThatThrownBy(() -> bert.forward(Tensor.of(new long[] {50}, 1, 1)))
                .hasMessage("embedding: index out of range: 50 at position [0, 0], must be in 0 … 49");
    }
}
