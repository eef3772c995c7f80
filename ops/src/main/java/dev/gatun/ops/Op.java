package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operation as a value: its shape rule, its kernel and its gradient. Everything the kernel needs is in the record
/// and in the views, so eager calls, the tape and a compiled plan run the same record. Records compare by structure.
///
/// The list of operations is closed, so that every one of them can be checked; [CustomOp] is the door for users.
public sealed interface Op
        permits Pointwise, Reduce, ArgReduce, Cumsum, Sort, Fusible, ConvChain, ConvTranspose2d, ConvWeightGradient,
        MaxPool, MaxPoolGradient, AveragePool, AveragePoolGradient, BatchNorm, BatchNormGradient, RowNorm,
        RowNormGradient,
        Embedding, ScaledDotProductAttention, AttentionGradient, Softmax, SoftmaxGradient,
        Gather, Scatter, ScatterAdd, IndexSelect, IndexAdd, Cat, Place, Copy, ViewOp, Recurrent, RecurrentGradient,
        CustomOp {
    /// The name in messages and in graphs.
    String name();

    /// The signatures of the outputs for inputs of these signatures; throws [IllegalArgumentException] as
    /// `<op>: <rule broken>: <both shapes>` when they do not fit.
    List<Signature> infer(List<Signature> inputs);

    /// The kernel call that reads `in` and fills `out` (shapes as [#infer] said, row-major without holes when made by
    /// an eager call).
    Call bind(Kernels kernels, List<View> in, List<View> out);

    /// The gradients of the inputs, one per input, null where there is none or nobody asked ([Backward#needs]). Built
    /// from tensor operations, so that a gradient has gradients.
    List<@Nullable Tensor> backward(Backward context);

    /// True when [#backward] reads input `index`; what is not saved is free to be overwritten and given back.
    default boolean savesInput(int index) {
        return true;
    }

    /// True when [#backward] reads output `index`.
    default boolean savesOutput(int index) {
        return false;
    }
}
