package dev.gatun.ops.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.PointwiseTable;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Attention that is written out, sibling products, constants.
class PassesTest {
    private static final int N = 2;
    private static final int HEADS = 3;
    private static final int T = 7;
    private static final int D = 4;
    private static final double INF = Double.POSITIVE_INFINITY;

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

    /// The plan of `function` gives the numbers of the function itself, on other inputs than it was traced with.
    private static Plan check(UnaryOperator<Tensor> function, Tensor... samples) {
        Graph graph = Tracer.trace(
                List.of(samples[0]), in -> List.of(Autograd.noGrad(() -> function.apply(in.getFirst()))));
        return check(graph, function, samples);
    }

    private static Plan check(Graph graph, UnaryOperator<Tensor> function, Tensor... samples) {
        Engine engine = Engine.current();
        Weights weights = new Weights(engine.kernels(), engine.memory());
        Plan plan = Plan.of(graph, weights);
        Workspace workspace = new Workspace(plan);
        for (Tensor x : samples) {
            MemorySegment.copy(x.view().bytes(), 0, workspace.input(0), 0, workspace.input(0).byteSize());
            workspace.run();
            float[] expected = function.apply(x).contiguous().toFloats();
            float[] actual = workspace.output(0).toArray(ValueLayout.JAVA_FLOAT);
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i]).isCloseTo(
                        expected[i], org.assertj.core.api.Assertions.within(2e-5f * (1 + Math.abs(expected[i]))));
            }
        }
        workspace.close();
        weights.close();
        return plan;
    }

    private static List<String> computed(Plan plan) {
        return plan.graph().steps().stream().map(s -> s.op().name())
                .filter(n -> !List.of("reshape", "permute", "slice").contains(n)).toList();
    }

    private static long count(Plan plan, String name) {
        return computed(plan).stream().filter(name::equals).count();
    }

    private static final String ATTENTION = "scaledDotProductAttention";

    private static Tensor heads(Tensor rows) {
        return rows.reshape(N, T, HEADS, D).permute(0, 2, 1, 3);
    }

    private static Tensor scores(Tensor x) {
        return heads(x).matmul(heads(x.mul(0.7).add(0.1)).transpose(-2, -1));
    }

    private static Tensor weighed(Tensor weights, Tensor x) {
        return weights.matmul(heads(x)).permute(0, 2, 1, 3).reshape(N, T, HEADS * D);
    }

    /// Of hidden states `[N, T, HEADS·D]`; what happens to the scores is the parameter.
    private static Plan attention(UnaryOperator<Tensor> scores) {
        Tensor x = numbers(1, N, T, HEADS * D);
        return check(y -> weighed(scores.apply(scores(y)).softmax(-1), y), x, numbers(2, N, T, HEADS * D));
    }

    @Test
    void attentionThatIsWrittenOutIsFound() {
        onReference(() -> {
            assertThat(computed(attention(s -> s))).contains(ATTENTION).doesNotContain("softmax", "matmul");
            assertThat(computed(attention(s -> s.mul(0.5)))).contains(ATTENTION).doesNotContain("softmax");
            assertThat(computed(attention(s -> s.div(2)))).contains(ATTENTION).doesNotContain("softmax");
            assertThat(computed(attention(s -> s.mul(0.5).div(-3)))).contains(ATTENTION).doesNotContain("softmax");
        });
    }

    @Test
    void theScaleMayStandAtQueriesAndKeys() {
        onReference(() -> {
            Tensor w = numbers(3, D * HEADS, D * HEADS);
            Plan plan = check(x -> {
                Tensor q = heads(x.matmul(w).mul(0.5).div(0.7));
                Tensor k = heads(x.exp()).transpose(2, 3).mul(0.25);
                return weighed(q.matmul(k).mul(2).softmax(3), x);
            }, numbers(1, N, T, HEADS * D), numbers(4, N, T, HEADS * D));
            assertThat(computed(plan)).containsExactlyInAnyOrder("matmul", "exp", ATTENTION, "copy");
            assertThat(plan.graph().toString()).contains("scale=0.357");
        });
    }

    @Test
    void aLoneHeadAndMergedHeadsAreFoundToo() {
        onReference(() -> {
            Plan one = check(x -> x.matmul(x.t()).mul(0.5).softmax(1).matmul(x.exp()), numbers(1, 5, 4));
            assertThat(count(one, ATTENTION)).isEqualTo(1);
            Tensor mask = numbers(9, T, T);
            Plan three = check(x -> x.bmm(x.transpose(1, 2)).add(mask).softmax(2).bmm(x).relu(), numbers(1, 6, T, D));
            assertThat(computed(three)).containsExactlyInAnyOrder(ATTENTION, "relu");
            Plan shared = check(x -> {
                Tensor k = x.narrow(1, 0, 1);
                return x.matmul(k.transpose(2, 3)).softmax(3).matmul(k);
            }, numbers(1, 2, 3, T, D));
            assertThat(count(shared, ATTENTION)).isEqualTo(1);
        });
    }

    @Test
    void theWeightsAreNeverStored() {
        onReference(() -> {
            int t = 200;
            Plan plan = check(x -> x.matmul(x.transpose(1, 2)).mul(0.5).softmax(2).matmul(x), numbers(1, 2, t, 4));
            assertThat(count(plan, ATTENTION)).isEqualTo(1);
            assertThat(plan.slabBytes()).isLessThan(2L * t * t * 4);
        });
    }

    @Test
    void theHeadsLieSideBySideForTheProjectionThatFollows() {
        onReference(() -> {
            Tensor w = numbers(3, D * HEADS, 5);
            Plan plan = check(x -> {
                Tensor rows = x.matmul(x.transpose(2, 3)).softmax(3).matmul(x).permute(0, 2, 1, 3);
                return rows.reshape(N * T, HEADS * D).matmul(w);
            }, numbers(1, N, HEADS, T, D));
            assertThat(computed(plan)).containsExactly(ATTENTION, "matmul");
        });
    }

    @Test
    void masksThatLeaveEveryQueryAKeyAreTaken() {
        onReference(() -> {
            Tensor added = numbers(5, N, 1, T, T);
            assertThat(count(attention(s -> s.mul(0.5).add(added)), ATTENTION)).isEqualTo(1);
            Tensor later = Tensor.arange(T).unsqueeze(1).lt(Tensor.arange(T));
            Tensor causal = Tensor.where(later, Tensor.full(added.dtype(), Shape.SCALAR, -INF), Tensor.scalar(0));
            assertThat(count(attention(s -> causal.add(s.div(3))), ATTENTION)).isEqualTo(1);
            assertThat(count(attention(s -> s.maskedFill(later, -INF).mul(0.5)), ATTENTION)).isEqualTo(1);
            assertThat(count(attention(s -> Tensor.where(later.logicalNot(), s.mul(0.5),
                    Tensor.full(s.dtype(), Shape.SCALAR, -INF))), ATTENTION)).isEqualTo(1);
        });
    }

    @Test
    void aComputedMaskIsTakenWhenItsBoundsAreKnown() {
        onReference(() -> {
            UnaryOperator<Tensor> far = m -> m.to(dev.gatun.kernels.DType.F32).rsub(1).mul(-10000);
            Plan plan = attentionWithOwnMask(x -> far.apply(x.slice(1, 0, 1).slice(2, 0, 1).gt(0)));
            assertThat(count(plan, ATTENTION)).isEqualTo(1);
            Plan open = attentionWithOwnMask(x -> x.slice(1, 0, 1).slice(2, 0, 1).log());
            assertThat(count(open, ATTENTION)).isZero();
            Plan lowest = attentionWithOwnMask(
                    x -> x.slice(1, 0, 1).slice(2, 0, 1).gt(0).to(dev.gatun.kernels.DType.F32).mul(-3.4e38));
            assertThat(count(lowest, ATTENTION)).isZero();
        });
    }

    private static Plan attentionWithOwnMask(UnaryOperator<Tensor> mask) {
        return check(x -> {
            Tensor m = mask.apply(x.abs().add(0.1)).reshape(N, 1, 1, 1);
            return weighed(scores(x).add(m).softmax(-1), x);
        }, numbers(1, N, T, HEADS * D), numbers(2, N, T, HEADS * D));
    }

    @Test
    void attentionWritesItsHeadsApartWhereTheyAreCopiedSo() {
        onReference(() -> {
            Tensor x = numbers(1, N, T, HEADS * D);
            Plan copied = check(
                    y -> Attention.DEFAULT.asCausal().apply(heads(y), heads(y.mul(2)), heads(y)).contiguous(), x);
            assertThat(computed(copied)).contains(ATTENTION).doesNotContain("copy");
            Plan read = check(y -> {
                Tensor apart = Attention.DEFAULT.apply(heads(y), heads(y.mul(2)), heads(y));
                return apart.contiguous().reshape(N, -1).add(apart.permute(0, 2, 1, 3).reshape(N, -1));
            }, x);
            assertThat(count(read, ATTENTION)).isEqualTo(1);
            assertThat(computed(read)).contains("copy");
        });
    }

    @Test
    void whatIsNotAttentionStays() {
        onReference(() -> {
            Tensor x = numbers(1, N, T, HEADS * D);
            Tensor blind = Tensor.where(Tensor.arange(T).eq(2).unsqueeze(1),
                    Tensor.full(x.dtype(), Shape.SCALAR, -INF), Tensor.scalar(0)).expand(T, T).contiguous();
            assertThat(count(planOf(s -> s.add(blind)), ATTENTION)).as("a query that sees nothing").isZero();
            assertThat(count(planOf(s -> s.add(Tensor.scalar(-1e35))), ATTENTION)).as("near the end").isZero();
            assertThat(count(planOf(s -> s.add(blind.abs().mul(0).add(1)).mul(2)), ATTENTION))
                    .as("a factor behind the mask").isZero();
            assertThat(count(planOf(Tensor::relu), ATTENTION)).as("another function").isZero();
            Plan otherDim = check(y -> weighed(scores(y).softmax(2), y), x);
            assertThat(count(otherDim, ATTENTION)).as("another dim").isZero();
            Plan read = check(y -> {
                Tensor weights = scores(y).softmax(3);
                return weighed(weights, y).add(weights.sum());
            }, x);
            assertThat(count(read, ATTENTION)).as("weights with another reader").isZero();
            Plan scoresRead = check(y -> {
                Tensor s = scores(y);
                return weighed(s.mul(0.5).softmax(3), y).add(s.sum());
            }, x);
            assertThat(count(scoresRead, ATTENTION)).as("scores with another reader").isZero();
            Plan logarithm = check(y -> weighed(scores(y).logSoftmax(3), y), x);
            assertThat(count(logarithm, ATTENTION)).as("logarithm").isZero();
        });
    }

    /// Without running it: some of the results are NaN on purpose.
    private static Plan planOf(UnaryOperator<Tensor> scores) {
        Graph graph = Tracer.trace(List.of(numbers(1, N, T, HEADS * D)),
                in -> List.of(weighed(scores.apply(scores(in.getFirst())).softmax(-1), in.getFirst())));
        return Plan.of(graph, new Weights(Engine.current().kernels(), Engine.current().memory()));
    }

    @Test
    void projectionsOfOneValueBecomeOneProduct() {
        onReference(() -> {
            int dim = HEADS * D;
            Tensor[] w = {numbers(3, dim, dim), numbers(4, dim, dim), numbers(5, dim, dim)};
            Tensor[] b = {numbers(6, dim), numbers(7, dim), numbers(8, dim)};
            Plan written = check(x -> {
                Tensor k = heads(x.linear(w[1], b[1])).transpose(-2, -1);
                Tensor weights = heads(x.linear(w[0], b[0]).mul(0.5)).matmul(k).softmax(3);
                return weights.matmul(heads(x.linear(w[2], b[2]))).permute(0, 2, 1, 3).reshape(N * T, dim);
            }, numbers(1, N, T, dim), numbers(2, N, T, dim));
            assertThat(computed(written)).containsExactly("matmul", ATTENTION);
            Plan asked = check(x -> Attention.DEFAULT.apply(heads(x.linear(w[0])), heads(x.linear(w[1])),
                    heads(x.linear(w[2]))).permute(0, 2, 1, 3).reshape(N * T, dim), numbers(1, N, T, dim));
            assertThat(computed(asked)).containsExactly("matmul", ATTENTION);
        });
    }

    @Test
    void siblingsShareWhatFollowsThem() {
        onReference(() -> {
            Tensor u = numbers(3, 6, 5);
            Tensor v = numbers(4, 6, 4);
            Tensor w = numbers(5, 4, 5);
            Tensor b = numbers(6, 5);
            Tensor c = numbers(7, 4);
            Tensor last = numbers(8, 5, 5);
            Plan relu = check(x -> x.matmul(v).add(c).relu().matmul(w)
                    .mul(x.matmul(u).add(b).relu().matmul(last)), numbers(1, 3, 6));
            assertThat(count(relu, "matmul")).isEqualTo(3);
            Plan scaled = check(x -> x.matmul(v).mul(2).matmul(w).mul(x.matmul(u).mul(3).matmul(last)),
                    numbers(1, 3, 6));
            assertThat(count(scaled, "matmul")).isEqualTo(3);
            Plan same = check(x -> x.matmul(v).mul(2).matmul(w).mul(x.matmul(u).mul(2).matmul(last)),
                    numbers(1, 3, 6));
            assertThat(same.graph().steps().getFirst().inputs()).hasSize(2);
            Plan different = check(x -> x.matmul(v).relu().matmul(w).mul(x.matmul(u).tanh().matmul(last)),
                    numbers(1, 3, 6));
            assertThat(count(different, "matmul")).isEqualTo(4);
        });
    }

    @Test
    void aResultThatMustLieWithoutHolesIsNotMerged() {
        onReference(() -> {
            Tensor u = numbers(3, 6, 4);
            Tensor v = numbers(4, 6, 4);
            Plan output = check(x -> {
                x.matmul(u).softmax(1).sum();
                return x.matmul(v);
            }, numbers(1, 3, 6));
            assertThat(count(output, "matmul")).isEqualTo(1);
            Plan reshaped = check(x -> x.matmul(u).reshape(12).add(x.matmul(v).reshape(12)), numbers(1, 3, 6));
            assertThat(count(reshaped, "matmul")).isEqualTo(2);
            Plan normed = check(x -> x.matmul(u).layerNorm(1, 1e-5).add(x.matmul(v).softmax(1)), numbers(1, 3, 6));
            assertThat(count(normed, "matmul")).isEqualTo(2);
        });
    }

    @Test
    void stepsOnConstantsAreComputedOnce() {
        onReference(() -> {
            Tensor a = numbers(3, 4, 5);
            Tensor b = numbers(4, 4, 5);
            Value x = Value.of(numbers(1, 4, 5).signature());
            Value sum = Value.of(a.signature());
            Value product = Value.of(Signature.of(a.dtype(), 4, 4));
            Value dead = Value.of(a.signature());
            Value result = Value.of(x.signature());
            Graph graph = new Graph(List.of(x), List.of(
                    new Step(PointwiseTable.ADD, List.of(Value.constant(a), Value.constant(b)), List.of(sum)),
                    new Step(MatMul.PLAIN, List.of(sum, Value.constant(b.t())), List.of(product)),
                    new Step(PointwiseTable.EXP, List.of(x), List.of(dead)),
                    new Step(MatMul.PLAIN, List.of(product, x), List.of(result))), List.of(result));
            Plan plan = check(graph, y -> a.add(b).matmul(b.t()).matmul(y), numbers(1, 4, 5), numbers(2, 4, 5));
            assertThat(computed(plan)).containsExactly("matmul");
            Graph nothing = new Graph(List.of(x), graph.steps().subList(0, 2), List.of(product));
            assertThat(computed(check(nothing, _ -> a.add(b).matmul(b.t()), numbers(1, 4, 5)))).isEmpty();
        });
    }
}
