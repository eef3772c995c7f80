package dev.gatun.ops.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Pointwise AFFINE =
            Pointwise.of("affine", 3, Expr.fma(Expr.input(0), Expr.input(1), Expr.input(2)));

    /// Numbers without a pattern that a wrong index would keep.
    private static Tensor numbers(int seed, int... dims) {
        float[] values = new float[new Shape(dims).count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(seed + i * 1.7) + 0.1f * ((i * 7 + seed) % 11 - 5);
        }
        return Tensor.of(values, dims);
    }

    private static void onReference(Runnable work) {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(1L << 30).build()) {
            engine.run(() -> {
                try (Scope _ = engine.scope()) {
                    work.run();
                }
            });
        }
    }

    /// The plan of `function` gives the numbers of the function itself, twice, on other inputs than it was traced with.
    private static Plan check(UnaryOperator<Tensor> function, int... dims) {
        Tensor sample = numbers(1, dims);
        Graph graph = Tracer.trace(List.of(sample), in -> List.of(function.apply(in.getFirst())));
        Engine engine = Engine.current();
        Weights weights = new Weights(engine.kernels(), engine.memory());
        Plan plan = Plan.of(graph, weights);
        Workspace workspace = new Workspace(plan);
        for (int seed = 2; seed < 4; seed++) {
            Tensor x = numbers(seed, dims);
            MemorySegment.copy(x.view().bytes(), 0, workspace.input(0), 0, workspace.input(0).byteSize());
            workspace.run();
            float[] expected = function.apply(x).contiguous().toFloats();
            float[] actual = workspace.output(0).toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
            assertThat(actual).hasSize(expected.length);
            for (int i = 0; i < actual.length; i++) {
                float e = expected[i];
                assertThat(actual[i]).isCloseTo(e, org.assertj.core.api.Assertions.within(1e-5f * (1 + Math.abs(e))));
            }
        }
        workspace.close();
        weights.close();
        return plan;
    }

    /// 1×1 to `c` channels where `expands`, one filter per channel, 1×1, with biases and ReLU6 as MobileNetV2 has them.
    private static UnaryOperator<Tensor> inverted(boolean expands, int in, int c, int stride) {
        Tensor first = numbers(11, c, in, 1, 1);
        Tensor middle = numbers(12, c, 1, 3, 3);
        Tensor last = numbers(13, 12, c, 1, 1).mul(0.1);
        Tensor bias = numbers(14, c);
        return x -> {
            Tensor y = expands ? x.conv2d(first, bias, ConvSpec.of(1, 0, 1, 1)).clamp(0, 6) : x;
            return y.conv2d(middle, bias, ConvSpec.of(stride, 1, 1, c)).clamp(0, 6)
                    .conv2d(last, ConvSpec.of(1, 0, 1, 1));
        };
    }

    @Test
    void largeImagesBetweenConvolutionsAreNotStored() {
        onReference(() -> {
            assertThat(names(check(inverted(true, 16, 32, 2), 1, 16, 96, 96))).contains("convChain")
                    .doesNotContain("conv2d");
            Tensor stem = numbers(15, 32, 3, 3, 3);
            assertThat(names(check(x -> inverted(false, 32, 32, 1).apply(x.conv2d(stem, ConvSpec.of(1, 1, 1, 1))), 1, 3,
                    96, 96))).startsWith("conv2d", "convChain");
            assertThat(names(check(inverted(true, 16, 32, 1), 1, 16, 24, 24))).doesNotContain("convChain");
        });
    }

    /// A value between that somebody else reads must be there.
    @Test
    void imagesThatAreReadTwiceAreStored() {
        onReference(() -> {
            Tensor middle = numbers(12, 32, 1, 3, 3);
            Tensor last = numbers(13, 32, 32, 1, 1).mul(0.1);
            Plan plan = check(x -> {
                Tensor y = x.conv2d(middle, ConvSpec.of(1, 1, 1, 32));
                return y.conv2d(last, ConvSpec.of(1, 0, 1, 1)).add(y);
            }, 1, 32, 96, 96);
            assertThat(names(plan)).doesNotContain("convChain");
        });
    }

    private static List<String> names(Plan plan) {
        return plan.graph().steps().stream().map(s -> s.op().name()).toList();
    }

    @Test
    void biasResidualAndActivationMoveIntoTheProduct() {
        onReference(() -> {
            Tensor w = numbers(5, 6, 4);
            Tensor b = numbers(6, 4);
            Tensor square = numbers(7, 6, 6);
            Plan residual = check(x -> x.exp().matmul(square).add(x.exp()).relu(), 3, 6);
            assertThat(names(residual)).containsExactly("exp", "exp", "matmul");
            Plan same = check(x -> {
                Tensor y = x.exp();
                return y.matmul(square).add(y);
            }, 3, 6);
            assertThat(names(same)).containsExactly("exp", "matmul");
            Plan plan = check(x -> x.matmul(w).add(b).add(x.slice(1, 0, 4)).relu(), 3, 6);
            assertThat(names(plan)).containsExactlyInAnyOrder("slice", "matmul");
        });
    }

    @Test
    void anEpilogueHasAsManyOperandsAsKernelsTake() {
        onReference(() -> {
            Tensor w = numbers(5, 6, 4);
            Plan plan = check(x -> {
                Tensor y = x.matmul(w);
                for (int i = 0; i <= Epilogue.MOST_EXTRAS; i++) {
                    y = y.add(numbers(7 + i, 3, 4));
                }
                return y;
            }, 3, 6);
            assertThat(names(plan)).hasSize(2).first().isEqualTo("matmul");
        });
    }

    @Test
    void batchNormFoldsIntoTheConvolutionBeforeIt() {
        onReference(() -> {
            Tensor w = numbers(5, 4, 2, 3, 3);
            Tensor b = numbers(6, 4, 1, 1);
            Tensor scale = numbers(7, 1, 4, 1, 1);
            Tensor shift = numbers(8, 1, 4, 1, 1);
            ConvSpec spec = ConvSpec.of(1, 1, 1, 1);
            Plan biased = check(
                    x -> Tensor.applyOne(AFFINE, Tensor.applyOne(Conv2d.biased(spec), x, w, b), scale, shift).relu(),
                    2, 2, 5, 6);
            assertThat(names(biased)).containsExactly("conv2d");
            assertThat(biased.graph().steps().getFirst().inputs()).hasSize(3);
            Plan plain = check(
                    x -> Tensor.applyOne(AFFINE, Tensor.applyOne(Conv2d.plain(spec), x, w), scale, shift), 2, 2, 5, 6);
            assertThat(names(plain)).containsExactly("conv2d");
        });
    }

    @Test
    void rowsAreFusedThroughTheirReshapes() {
        onReference(() -> {
            Tensor w = numbers(5, 2, 2, 1, 3);
            Tensor scale = numbers(7, 2, 1);
            Tensor shift = numbers(8, 2, 1);
            ConvSpec spec = new ConvSpec(1, 1, 0, 1, 0, 1, 1, 1, 1);
            Plan plan = check(x -> {
                Tensor y = Tensor.applyOne(Conv2d.plain(spec), x.unsqueeze(2), w).squeeze(2);
                return Tensor.applyOne(AFFINE, y, scale, shift).relu().add(x);
            }, 3, 2, 7);
            assertThat(names(plan).stream().filter(n -> !n.equals("reshape"))).containsExactly("conv2d");
        });
    }

    @Test
    void aResultThatIsReadTwiceIsNotFusedAway() {
        onReference(() -> {
            Tensor w = numbers(5, 4, 4);
            Plan plan = check(x -> {
                Tensor y = x.matmul(w);
                return y.relu().matmul(w).add(y);
            }, 3, 4);
            assertThat(names(plan)).containsExactly("matmul", "relu", "matmul");
        });
    }

    @Test
    void pointwiseChainsBecomeOneStep() {
        onReference(() -> {
            Plan plan = check(x -> x.exp().mul(x).add(1).tanh(), 3, 5);
            assertThat(names(plan)).hasSize(1);
            assertThat(plan.graph().steps().getFirst().inputs()).hasSize(1);
        });
    }

    @Test
    void viewsPermutationsAndBatchedProductsRun() {
        onReference(() -> {
            Tensor w = numbers(5, 6, 4);
            check(x -> x.transpose(1, 2).matmul(w).permute(2, 0, 1).contiguous().relu(), 2, 6, 3);
            check(x -> x.reshape(4, 9).unsqueeze(0).expand(2, 4, 9).sum(), 2, 6, 3);
            check(x -> x.matmul(x.transpose(1, 2)).mul(0.5).matmul(x), 2, 3, 5);
        });
    }

    @Test
    void anOutputMayBeTheInputOrAConstant() {
        onReference(() -> {
            check(x -> x, 2, 3);
            Tensor c = numbers(3, 2, 3);
            check(x -> c, 2, 3);
        });
    }

    @Test
    void equalWeightsAreStoredOnce() {
        onReference(() -> {
            Tensor w = numbers(5, 64, 64);
            Engine engine = Engine.current();
            Weights weights = new Weights(engine.kernels(), engine.memory());
            Plan.of(Tracer.trace(List.of(numbers(1, 1, 64)), in -> List.of(in.getFirst().matmul(w))), weights);
            long once = weights.bytes();
            Tensor same = w.mul(1);
            Plan.of(Tracer.trace(List.of(numbers(1, 8, 64)), in -> List.of(in.getFirst().matmul(same))), weights);
            assertThat(weights.bytes()).isEqualTo(once);
            weights.close();
        });
    }

    @Test
    void aDyingOperandGivesItsPlace() {
        onReference(() -> {
            Tensor w = numbers(5, 32, 32);
            // The input keeps its place to the end; the exponential takes that of the softmax.
            Plan plan = check(x -> x.matmul(w).softmax(1).exp(), 16, 32);
            assertThat(plan.slabBytes()).isEqualTo(3 * 16 * 32 * 4);
        });
    }

    @Test
    void tracedCodeMustNotOverwrite() {
        onReference(() -> assertThatThrownBy(
                () -> Tracer.trace(List.of(Tensor.zeros(2)), in -> List.of(in.getFirst().addInPlace(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a traced function must not overwrite tensors"));
    }
}
