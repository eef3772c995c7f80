package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import java.lang.foreign.MemorySegment;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Every message names the operation, the broken rule and the offending shapes or numbers.
class MessagesTest {
    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private static void outOfRange(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class).hasMessage(message);
    }

    @Test
    void shapes() {
        Reference.run(() -> {
            Tensor a = Tensor.ones(2, 3);
            Tensor b = Tensor.ones(4);
            refused("add: shapes do not broadcast: [2, 3] and [4] (dim -1: 3 against 4)", () -> a.add(b));
            refused("matmul: inner sizes differ: [2, 3] and [2, 3] (3 against 2)", () -> a.matmul(a));
            refused("linear: needs input [..., in], weight [out, in], bias [out]: input [2, 3], weight [5, 4], bias [5]",
                    () -> a.linear(Tensor.ones(5, 4), Tensor.ones(5)));
            refused("reshape: the number of elements differs: [2, 3] to [4] (6 against 4)", () -> a.reshape(4));
            refused("reshape: the size -1 cannot be computed: [2, 3] to [4, -1]", () -> a.reshape(4, -1));
            refused("expand: the shape does not broadcast: [2, 3] to [2, 4]", () -> a.expand(2, 4));
            refused("permute: the order must name every dim once: [0, 0] for shape [2, 3]", () -> a.permute(0, 0));
            refused("sum: there is no dim 2 in shape [2, 3] (allowed: -2 to 1)", () -> a.sum(2));
            refused("sum: dim 1 is named twice: [1, -1] for shape [2, 3]", () -> a.sum(1, -1));
            refused("slice: outside the tensor: 3 elements from 1 by 1 along dim 1 of shape [2, 3]",
                    () -> a.narrow(1, 1, 3));
            refused("cat: sizes must be equal but along dim 0: [2, 3] and [2, 2]",
                    () -> Tensor.cat(0, a, Tensor.ones(2, 2)));
            refused("of: 3 values do not fill shape [2, 2] (4 elements)", () -> Tensor.of(new float[3], 2, 2));
            refused("shape: sizes must not be negative: [2, -3]", () -> Tensor.zeros(2, -3));
            refused("shape: more than 2147483647 elements: [65536, 65536]; split the tensor",
                    () -> Tensor.zeros(65536, 65536));
            refused("item: the tensor must have exactly one element: shape [2, 3]", a::item);
            refused("unfold: size and step must be at least 1 and the window must fit: size 4, step 1 along dim 1 of"
                    + " shape [2, 3]", () -> a.unfold(1, 4, 1));
            refused("einsum: dim 'j' of 'ij,jk->ik' has two sizes: 3 and 2 (operand 1 [2, 3])",
                    () -> Tensor.einsum("ij,jk->ik", a, a));
            refused("conv2d: channels do not fit: input [1, 3, 8, 8], weight [4, 2, 3, 3], groups 1 (input has 3, weight"
                    + " takes 2·1, gives 4)",
                    () -> Tensor.ones(1, 3, 8, 8).conv2d(Tensor.ones(4, 2, 3, 3), ConvSpec.of(1, 0, 1, 1)));
            refused("batchNorm: training needs more than one value per channel: input [1, 4, 1]",
                    () -> Tensor.ones(1, 4, 1).batchNorm(Tensor.ones(4), Tensor.ones(4), 1e-5));
            refused("add in place: the result has shape [2, 3], the tensor to write to has [3]",
                    () -> Tensor.ones(3).addInPlace(a));
        });
    }

    @Test
    void types() {
        Reference.run(() -> {
            Tensor whole = Tensor.arange(3);
            refused("mean: needs floating-point operands: [I64[3]]; convert with to(DType.F32)", whole::mean);
            refused("softmax: needs floating-point operands: [I64[3]]; convert with to(DType.F32)",
                    () -> whole.softmax(0));
            refused("matmul: element types differ: [F32[2, 2], F64[2, 2]]; convert one with to(DType)",
                    () -> Tensor.ones(2, 2).matmul(Tensor.ones(DType.F64, Shape.of(2, 2))));
            refused("div in place: a result of type F32 does not fit into a tensor of type I64",
                    () -> whole.divInPlace(2));
            refused("gather: the index must be I64 or I32: F32[3]", () -> whole.gather(0, Tensor.ones(3)));
            refused("requiresGrad: only floating-point tensors have gradients: I64[3]", () -> whole.requiresGrad(true));
            refused("view: the segment must be native (off-heap), not backed by an array",
                    () -> Tensor.wrap(MemorySegment.ofArray(new float[4]), DType.F32, 4));
        });
    }

    @Test
    void indices() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(2, 3);
            outOfRange("indexSelect: index out of range: 3 at position [1], must be in 0 … 2",
                    () -> x.indexSelect(1, Tensor.of(new long[] {0, 3})));
            outOfRange("gather: index out of range: -1 at position [0, 1], must be in 0 … 2",
                    () -> x.gather(1, Tensor.of(new long[] {0, -1}, 1, 2)));
            outOfRange("scatter: index out of range: 7 at element 1 of index [1, 2], must be in 0 … 2",
                    () -> x.scatter(1, Tensor.of(new long[] {0, 7}, 1, 2), Tensor.ones(1, 2)));
            outOfRange("select: index 2 along dim 0 is outside shape [2, 3]", () -> x.select(0, 2));
            outOfRange("get: index -4 at dim 1 is outside shape [2, 3]", () -> x.get(0, -4));
            outOfRange("oneHot: label out of range: 5 at element 0 of shape [1], must be in 0 … 4",
                    () -> Tensor.of(new long[] {5}).oneHot(5));
        });
    }

    @Test
    void enginesDoNotMix() {
        Reference.run(() -> {
            Tensor here = Tensor.ones(2);
            Reference.run(() -> refused("add: the operands live on different engines: [F32[2], F32[2]]",
                    () -> here.add(Tensor.ones(2))));
        });
    }

    @Test
    void checkModeNamesTheOperationThatMadeTheFirstNaN() {
        try (Engine engine =
                Engine.builder().kernels(Kernels.reference()).checkNumbers(true).build()) {
            engine.run(() -> {
                Tensor x = Tensor.of(new float[] {1, -1});
                assertThatThrownBy(() -> x.add(1).log().add(x.sqrt()).sum()).isInstanceOf(ArithmeticException.class)
                        .hasMessage("sqrt: the result F32[2] contains NaN; operands: [F32[2]]");
            });
        }
    }
}
