package dev.gatun.tests.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.OutOfBudgetException;
import dev.gatun.nn.loss.Losses;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What tensors say about operands, indices and lives that do not fit, word for word.
class TensorMessagesTest {
    private record Bad(String name, Class<? extends Exception> type, String message, Runnable work) {
    }

    @TestFactory
    Stream<DynamicTest> refused() {
        List<Bad> all = new ArrayList<>();
        shapes(all);
        values(all);
        lives(all);
        return all.stream().map(bad -> DynamicTest.dynamicTest(bad.name(), () -> {
            try (Engine engine = engine()) {
                assertThat(catchThrowable(() -> engine.run(bad.work()))).isExactlyInstanceOf(bad.type())
                        .hasMessage(bad.message());
            }
        }));
    }

    private static Engine engine() {
        return Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build();
    }

    private static void bad(List<Bad> all, String name, String message, Runnable work) {
        all.add(new Bad(name, IllegalArgumentException.class, message, work));
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    private static void shapes(List<Bad> all) {
        bad(all, "broadcast", "add: shapes do not broadcast: [2, 3] and [4] (dim -1: 3 against 4)",
                () -> Tensor.ones(2, 3).add(Tensor.ones(4)));
        bad(all, "inner sizes", "matmul: inner sizes differ: [2, 3] and [4, 5] (3 against 4)",
                () -> Tensor.ones(2, 3).matmul(Tensor.ones(4, 5)));
        bad(all, "reshape", "reshape: the number of elements differs: [2, 3] to [4, 2] (6 against 8)",
                () -> Tensor.ones(2, 3).reshape(4, 2));
        bad(all, "view of a transposed", "view: the strides do not allow it without a copy: F32[3, 2] strides [1, 3] to"
                + " [6]; use reshape or contiguous()", () -> Tensor.ones(2, 3).t().view(6));
        bad(all, "layer norm parameters",
                "layerNorm: bias must have the shape of the normalised dims [3] of input [2, 3]:"
                        + " [2]",
                () -> Tensor.ones(2, 3).layerNorm(Tensor.ones(3), Tensor.ones(2), 1e-5));
        bad(all, "attention sizes", "scaledDotProductAttention: needs q [n, heads, tq, d], k [n, kvHeads, tk, d], v [n,"
                + " kvHeads, tk, dv] with heads a multiple of kvHeads: [1, 3, 5, 4], [1, 2, 5, 4], [1, 2, 5, 4]",
                () -> Tensor.ones(1, 3, 5, 4).scaledDotProductAttention(Tensor.ones(1, 2, 5, 4),
                        Tensor.ones(1, 2, 5, 4)));
        bad(all, "attention mask",
                "scaledDotProductAttention: the mask must broadcast to [n, heads, tq, tk] [1, 1, 5, 5]: [5, 4]",
                () -> Attention.DEFAULT.withMask(Tensor.ones(5, 4)).apply(Tensor.ones(1, 1, 5, 4),
                        Tensor.ones(1, 1, 5, 4), Tensor.ones(1, 1, 5, 4)));
        bad(all, "attention dropout without generator",
                "scaledDotProductAttention: dropout needs a generator: 0.5",
                () -> new Attention(null, null, false, null, 0.5, null).apply(Tensor.ones(1, 1, 5, 4),
                        Tensor.ones(1, 1, 5, 4), Tensor.ones(1, 1, 5, 4)));
        bad(all, "layer norm dims", "rmsNorm: the number of normalised dims must be in 1 … rank: 3 of [2, 3]",
                () -> Tensor.ones(2, 3).rmsNorm(3, 1e-5));
        all.add(new Bad("embedding index", IndexOutOfBoundsException.class,
                "embedding: index out of range: 7 at position [1, 0], must be in 0 … 6",
                () -> Tensor.ones(7, 2).embedding(Tensor.of(new long[] {0, 6, 7, 1}, 2, 2), -1)));
        bad(all, "embedding index type", "embedding: the index must be I64 or I32: F32[2]",
                () -> Tensor.ones(7, 2).embedding(Tensor.ones(2), -1));
        bad(all, "cat", "cat: sizes must be equal but along dim 0: [2, 3] and [2, 4]",
                () -> Tensor.cat(0, Tensor.ones(2, 3), Tensor.ones(2, 4)));
        bad(all, "dim", "softmax: there is no dim 2 in shape [2, 3] (allowed: -2 to 1)",
                () -> Tensor.ones(2, 3).softmax(2));
        bad(all, "expand", "expand: the shape does not broadcast: [2, 3] to [4, 3]",
                () -> Tensor.ones(2, 3).expand(4, 3));
        bad(all, "negative size", "shape: sizes must not be negative: [2, -1]", () -> Tensor.zeros(2, -1));
        bad(all, "too many elements",
                "shape: more than 2147483647 elements: [1048576, 1048576]; split the tensor",
                () -> Tensor.zeros(1 << 20, 1 << 20));
        bad(all, "channels",
                "conv2d: channels do not fit: input [1, 3, 4, 4], weight [2, 4, 3, 3], groups 1 (input has 3,"
                        + " weight takes 4·1, gives 2)",
                () -> Tensor.ones(1, 3, 4, 4).conv2d(Tensor.ones(2, 4, 3, 3), ConvSpec.of(1, 0, 1, 1)));
        bad(all, "einsum", "einsum: dim 'j' of 'ij,jk->ik' has two sizes: 3 and 4 (operand 1 [4, 5])",
                () -> Tensor.einsum("ij,jk->ik", Tensor.ones(2, 3), Tensor.ones(4, 5)));
        bad(all, "one value per channel", "batchNorm: training needs more than one value per channel: input [1, 3]",
                () -> Tensor.ones(1, 3).batchNorm(Tensor.ones(3), Tensor.zeros(3), 1e-5));
        bad(all, "largest of nothing", "amax: nothing has no extreme: shape [2, 0] reduced over dims [1]",
                () -> Tensor.zeros(2, 0).amax(1));
        bad(all, "item of two", "item: the tensor must have exactly one element: shape [2]",
                () -> Tensor.ones(2).item());
        bad(all, "in place, larger result",
                "add in place: the result has shape [3, 2], the tensor to write to has [2]",
                () -> Tensor.ones(2).addInPlace(Tensor.ones(3, 2)));
    }

    private static void values(List<Bad> all) {
        bad(all, "types", "matmul: element types differ: [F32[2, 3], F64[3, 2]]; convert one with to(DType)",
                () -> Tensor.ones(2, 3).matmul(Tensor.ones(3, 2).to(DType.F64)));
        bad(all, "integers", "softmax: needs floating-point operands: [I64[2]]; convert with to(DType.F32)",
                () -> longs(1, 2).softmax(0));
        bad(all, "floats into integers",
                "add in place: a result of type F32 does not fit into a tensor of type I64",
                () -> longs(1, 2).addInPlace(Tensor.ones(2)));
        all.add(new Bad("index", IndexOutOfBoundsException.class,
                "indexSelect: index out of range: 2 at position [1], must be in 0 … 1",
                () -> Tensor.ones(2, 3).indexSelect(0, longs(0, 2))));
        all.add(new Bad("label", IndexOutOfBoundsException.class,
                "gather: index out of range: 3 at position [1, 0], must be in 0 … 2",
                () -> Losses.crossEntropy(Tensor.ones(2, 3), longs(0, 3))));
        all.add(new Bad("element", IndexOutOfBoundsException.class, "get: index 3 at dim 1 is outside shape [2, 3]",
                () -> Tensor.ones(2, 3).get(0, 3)));
        all.add(new Bad("division by zero", ArithmeticException.class,
                "pointwise: integer division by zero: at position [1]",
                () -> longs(1, 2).floorDivide(longs(1, 0))));
    }

    private static void lives(List<Bad> all) {
        state(all, "freed",
                "add: operand 0 F32[2] was freed (closed, or at the end of its scope); Scope.keep lets a tensor"
                        + " outlive its scope",
                () -> {
                    Tensor x = Tensor.ones(2);
                    x.close();
                    x.add(1);
                });
        state(all, "backward twice",
                "backward: the graph was already used and freed (at sum); to go through it twice, call"
                        + " backward(true) the first time",
                () -> {
                    Tensor y = leaf().square().sum();
                    y.backward();
                    y.backward();
                });
        bad(all, "backward of two elements", "backward: a tensor with more than one element needs a gradient to start"
                + " from: shape [2]; call backward(gradient) or reduce with sum() or mean()",
                () -> leaf().mul(2).backward());
        state(all, "backward without a graph",
                "backward: the tensor F32[] does not require gradients: none of its inputs"
                        + " does, or it was made inside noGrad",
                () -> Tensor.ones(2).sum().backward());
        state(all, "leaf in place",
                "add in place: the tensor F32[2] is a leaf that requires gradients; update it inside"
                        + " noGrad, or use the form that makes a new tensor",
                () -> leaf().addInPlace(1));
        state(all, "changed after it was recorded", "backward: input 0 F32[2] of mul was changed in place after it was"
                + " recorded; use the form that makes a new tensor, or clone first", () -> {
                    Tensor y = leaf().exp();
                    Tensor z = y.mul(y);
                    y.addInPlace(1);
                    z.sum().backward();
                });
        bad(all, "gradient of integers", "requiresGrad: only floating-point tensors have gradients: I64[1]",
                () -> longs(1).requiresGrad(true));
    }

    private static void state(List<Bad> all, String name, String message, Runnable work) {
        all.add(new Bad(name, IllegalStateException.class, message, work));
    }

    private static Tensor leaf() {
        return Tensor.ones(2).requiresGrad(true);
    }

    @Test
    void twoEngines() {
        try (Engine a = engine(); Engine b = engine()) {
            Tensor x = a.call(() -> Tensor.ones(2));
            Tensor y = b.call(() -> Tensor.ones(2));
            assertThat(catchThrowable(() -> x.add(y)))
                    .hasMessage("add: the operands live on different engines: [F32[2], F32[2]]");
        }
    }

    @Test
    void closedEngine() {
        Engine engine = engine();
        engine.close();
        assertThat(catchThrowable(() -> engine.run(() -> Tensor.ones(2)))).isInstanceOf(IllegalStateException.class)
                .hasMessage("engine: used after it was closed");
    }

    @Test
    void firstNaN() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).checkNumbers(true).build()) {
            assertThat(catchThrowable(() -> engine.run(() -> Tensor.of(new float[] {-1}).log().add(1))))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessage("log: the result F32[1] contains NaN; operands: [F32[1]]");
        }
    }

    @Test
    void budget() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(1 << 20).build()) {
            assertThat(catchThrowable(() -> engine.run(() -> Tensor.ones(1 << 20))))
                    .isInstanceOf(OutOfBudgetException.class)
                    .hasMessageStartingWith("memory: 4194304 bytes for 'full' do not fit into the budget of 1048576"
                            + " bytes (0 in use)");
        }
    }
}
