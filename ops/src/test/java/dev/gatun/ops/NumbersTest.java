package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Values, types and worked examples.
class NumbersTest {
    @Test
    void creation() {
        Reference.run(() -> {
            assertThat(Tensor.arange(2, 9, 3).toLongs()).containsExactly(2, 5, 8);
            assertThat(Tensor.arange(3, -1, -2).toLongs()).containsExactly(3, 1);
            assertThat(Tensor.arange(0.0, 1, 0.25).toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f);
            assertThat(Tensor.linspace(0, 1, 5).toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1);
            assertThat(Tensor.linspace(-1, 1, 1).toFloats()).containsExactly(-1);
            assertThat(Tensor.eye(2, 3).toFloats()).containsExactly(1, 0, 0, 0, 1, 0);
            assertThat(Tensor.full(DType.U8, Shape.of(2), 200).toLongs()).containsExactly(200, 200);
            assertThat(Tensor.of(new boolean[] {true, false}).toLongs()).containsExactly(1, 0);
            assertThat(Tensor.of(FloatBuffer.wrap(new float[] {1, 2, 3}).position(1)).toFloats()).containsExactly(2, 3);
            assertThat(Tensor.of(new long[] {Long.MAX_VALUE}).toLongs()).containsExactly(Long.MAX_VALUE);
        });
    }

    @Test
    void typesArePromotedAsInPyTorch() {
        Reference.run(() -> {
            Tensor f = Tensor.ones(2);
            Tensor d = Tensor.ones(DType.F64, Shape.of(2));
            Tensor i = Tensor.arange(2);
            Tensor b = f.gt(0);
            assertThat(f.add(d).dtype()).isEqualTo(DType.F64);
            assertThat(f.add(i).dtype()).isEqualTo(DType.F32);
            assertThat(i.add(b).dtype()).isEqualTo(DType.I64);
            assertThat(f.add(d.sum()).dtype()).isEqualTo(DType.F32);
            assertThat(i.add(Tensor.scalar(1.5)).dtype()).isEqualTo(DType.F32);
            assertThat(i.add(1).dtype()).isEqualTo(DType.I64);
            assertThat(i.add(0.5).dtype()).isEqualTo(DType.F32);
            assertThat(b.add(2).toLongs()).containsExactly(3, 3);
            assertThat(i.div(2).toFloats()).containsExactly(0, 0.5f);
            assertThat(i.exp().dtype()).isEqualTo(DType.F32);
            assertThat(b.sum().dtype()).isEqualTo(DType.I64);
            assertThat(i.amax().dtype()).isEqualTo(DType.I64);
            assertThat(Tensor.of(new long[] {1L << 60, 3}).add(Tensor.of(new long[] {1, 1})).toLongs())
                    .containsExactly((1L << 60) + 1, 4);
            assertThat(Tensor.of(new float[] {-1.7f, 2.9f}).to(DType.I32).toLongs()).containsExactly(-1, 2);
            assertThat(Tensor.of(new float[] {0, 0.5f}).to(DType.BOOL).toLongs()).containsExactly(0, 1);
        });
    }

    @Test
    void integersDivideDown() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new long[] {7, -7, 6});
            assertThat(x.remainder(3).toLongs()).containsExactly(1, 2, 0);
            assertThat(x.floorDivide(Tensor.of(new long[] {3, 3, 3})).toLongs()).containsExactly(2, -3, 2);
            assertThat(Tensor.of(new float[] {7, -7}).floorDivide(Tensor.scalar(2)).toFloats()).containsExactly(3, -4);
        });
    }

    @Test
    void reductions() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 9}, 2, 3);
            assertThat(x.sum(1).toFloats()).containsExactly(6, 18);
            assertThat(x.mean(new int[] {0}, true).toFloats()).containsExactly(2.5f, 3.5f, 6);
            assertThat(x.var().item()).isCloseTo(8, within(1e-6));
            assertThat(x.std(new int[] {1}, 0, false).get(0)).isCloseTo(Math.sqrt(2 / 3.0), within(1e-6));
            assertThat(x.prod(0).toFloats()).containsExactly(4, 10, 27);
            assertThat(x.amax(1).toFloats()).containsExactly(3, 9);
            assertThat(x.max(0, false).get(1).toLongs()).containsExactly(1, 1, 1);
            assertThat(x.argmax().item()).isEqualTo(5);
            assertThat(x.argmin(1).toLongs()).containsExactly(0, 0);
            assertThat(x.norm(1, new int[] {1}, false).toFloats()).containsExactly(6, 18);
            assertThat(x.cumsum(1).toFloats()).containsExactly(1, 3, 6, 4, 9, 18);
            assertThat(x.logSumExp(new int[] {1}, false).get(0)).isCloseTo(3.407606, within(1e-5));
            Tensor big = Tensor.of(new float[] {1000, 1000, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, 2, 2);
            assertThat(big.logSumExp(new int[] {1}, false).toFloats())
                    .containsExactly((float) (1000 + Math.log(2)), Float.NEGATIVE_INFINITY);
            assertThat(Tensor.of(new float[] {1, Float.NaN, 2}).amax().item()).isNaN();
            assertThat(x.gt(4).countNonZero()).isEqualTo(2);
            assertThat(x.any(new int[] {1}, false).toLongs()).containsExactly(1, 1);
            assertThat(x.gt(3).all(new int[] {1}, false).toLongs()).containsExactly(0, 1);
        });
    }

    @Test
    void varianceOfLargeNumbersKeepsItsDigits() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1e6f, 1e6f + 1, 1e6f + 2});
            assertThat(x.var().item()).isCloseTo(1, within(1e-6));
        });
    }

    @Test
    void indexing() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {3, 1, 2, 9, 7, 8}, 2, 3);
            List<Tensor> sorted = x.sort(1, false);
            assertThat(sorted.get(0).toFloats()).containsExactly(1, 2, 3, 7, 8, 9);
            assertThat(sorted.get(1).toLongs()).containsExactly(1, 2, 0, 1, 2, 0);
            assertThat(x.topk(2).get(0).toFloats()).containsExactly(3, 2, 9, 8);
            assertThat(x.gather(1, Tensor.of(new long[] {2, 0}, 2, 1)).toFloats()).containsExactly(2, 9);
            assertThat(
                    Tensor.zeros(3).scatter(0, Tensor.of(new long[] {1, 1}), Tensor.of(new float[] {5, 6})).toFloats())
                    .containsExactly(0, 6, 0);
            assertThat(Tensor.zeros(3).scatterAdd(0, Tensor.of(new long[] {1, 1}), Tensor.of(new float[] {5, 6}))
                    .toFloats()).containsExactly(0, 11, 0);
            assertThat(x.gt(2).nonzero().toLongs()).containsExactly(0, 0, 1, 0, 1, 1, 1, 2);
            assertThat(x.maskedSelect(x.lt(3)).toFloats()).containsExactly(1, 2);
            assertThat(x.maskedFill(x.gt(3), -1).toFloats()).containsExactly(3, 1, 2, -1, -1, -1);
            assertThat(Tensor.ones(3, 3).tril(0).toFloats()).containsExactly(1, 0, 0, 1, 1, 0, 1, 1, 1);
            assertThat(Tensor.ones(2, 3).triu(1).toFloats()).containsExactly(0, 1, 1, 0, 0, 1);
            assertThat(Tensor.of(new long[] {2, 0}).oneHot(3).toLongs()).containsExactly(0, 0, 1, 1, 0, 0);
        });
    }

    @Test
    void workedExamples() {
        Reference.run(() -> {
            Tensor scores = Tensor.of(new float[] {1.2f, 2.3f, 4});
            Tensor padded = Tensor.of(new boolean[] {false, false, true});
            assertThat(scores.maskedFill(padded, Double.NEGATIVE_INFINITY).softmax(0)
                    .allClose(Tensor.of(new float[] {0.2497f, 0.7503f, 0}), 0, 1e-4)).isTrue();
            Tensor series = Tensor.of(new float[] {20, 22, 24, 25, 28, 27, 26}, 1, 1, 1, 7);
            Tensor kernel = Tensor.of(new float[] {0.5f, 0.8f, 0.5f}, 1, 1, 1, 3);
            assertThat(series.conv2d(kernel, ConvSpec.of(1, 0, 1, 1))
                    .allClose(Tensor.of(new float[] {39.6f, 42.7f, 46, 48.4f, 48.6f}, 1, 1, 1, 5), 0, 1e-4)).isTrue();
            assertThat(Tensor.ones(1, 1, 3, 3).convTranspose2d(Tensor.ones(1, 1, 3, 3), ConvSpec.of(2, 1, 1, 1), 0, 0)
                    .shape()).isEqualTo(Shape.of(1, 1, 5, 5));
            assertThat(Tensor.ones(1, 1, 2, 2).convTranspose2d(Tensor.ones(1, 1, 3, 3), ConvSpec.of(1, 0, 1, 1), 0, 0)
                    .shape()).isEqualTo(Shape.of(1, 1, 4, 4));
            assertThat(Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2).maxPool2d(2, 2, 0).item()).isEqualTo(4);
        });
    }

    @Test
    void einsumAgreesWithItsDefinition() {
        Reference.run(() -> {
            Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            Tensor b = Tensor.of(new float[] {1, 0, 2, 1, 0, 3}, 3, 2);
            assertThat(Tensor.einsum("ij,jk", a, b).toFloats()).containsExactly(a.matmul(b).toFloats());
            assertThat(Tensor.einsum("ij->ji", a).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(Tensor.einsum("ij->", a).item()).isEqualTo(21);
            assertThat(Tensor.einsum("ij,ij->i", a, a).toFloats()).containsExactly(14, 77);
            assertThat(Tensor.einsum("i,j->ij", a.select(0, 0), a.select(0, 1)).toFloats())
                    .containsExactly(4, 5, 6, 8, 10, 12, 12, 15, 18);
            assertThat(Tensor.einsum("ii->i", Tensor.einsum("ij,jk->ik", a, b)).toFloats()).containsExactly(5, 23);
            assertThat(Tensor.einsum("ij,jk,kl->il", a, b, a).shape()).isEqualTo(Shape.of(2, 3));
        });
    }

    @Test
    void randomNumbersAreAFunctionOfTheSeed() {
        Reference.run(() -> {
            float[] first = Generator.of(7).normal(0, 1, 100).toFloats();
            assertThat(Generator.of(7).normal(0, 1, 100).toFloats()).containsExactly(first);
            assertThat(Generator.of(8).normal(0, 1, 100).toFloats()).isNotEqualTo(first);
            Generator g = Generator.of(7);
            g.uniform(10);
            Generator resumed = Generator.of(g.state());
            assertThat(resumed.uniform(5).toFloats()).containsExactly(g.uniform(5).toFloats());
            assertThat(g.split().uniform(5).toFloats()).isNotEqualTo(g.split().uniform(5).toFloats());
            assertThat(g.permutation(50).toLongs()).containsExactlyInAnyOrder(Tensor.arange(50).toLongs())
                    .isNotEqualTo(Tensor.arange(50).toLongs());
            assertThat(g.bernoulli(0.25, 10_000).mean().item()).isCloseTo(0.25, within(0.02));
            assertThat(Arrays.stream(g.integers(-2, 3, 1000).toLongs()).distinct().sorted().toArray())
                    .containsExactly(-2, -1, 0, 1, 2);
            Tensor normal = g.normal(1, 2, 10_000);
            assertThat(normal.mean().item()).isCloseTo(1, within(0.1));
            assertThat(normal.std().item()).isCloseTo(2, within(0.1));
        });
    }

    @Test
    void inPlaceForms() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, -2, 3});
            assertThat(x.addInPlace(1).mulInPlace(Tensor.scalar(2)).subInPlace(1).toFloats()).containsExactly(3, -3, 7);
            assertThat(x.reluInPlace().clampInPlace(1, 5).toFloats()).containsExactly(3, 1, 5);
            assertThat(x.copyFrom(Tensor.of(new long[] {4})).toFloats()).containsExactly(4, 4, 4);
            assertThat(x.zeroInPlace().toFloats()).containsExactly(0, 0, 0);
            Tensor whole = Tensor.arange(3);
            assertThat(whole.addInPlace(Tensor.of(new boolean[] {true})).toLongs()).containsExactly(1, 2, 3);
            assertThat(whole.addInPlace(whole).toLongs()).containsExactly(2, 4, 6);
        });
    }
}
