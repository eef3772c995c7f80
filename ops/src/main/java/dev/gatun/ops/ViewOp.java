package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.List;

/// An operation that moves no number: its output is the memory of its input under other dims and strides.
public sealed interface ViewOp extends Op permits Reshape, Permute, Slice, Expand, Unfold {
    /// The output as a view of the input's memory; throws when the strides of `in` do not allow it.
    View apply(View in);

    /// The signature of the output.
    Signature infer(Signature in);

    @Override
    default List<Signature> infer(List<Signature> inputs) {
        return List.of(infer(Arity.one(name(), inputs)));
    }

    /// A copy of the viewed elements, for a caller that cannot alias.
    @Override
    default Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.copy().copy(apply(in.getFirst()), out.getFirst());
    }

    @Override
    default boolean savesInput(int index) {
        return false;
    }
}
