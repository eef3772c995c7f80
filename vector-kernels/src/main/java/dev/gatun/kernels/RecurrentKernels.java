package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Recurrent layers over a sequence, one direction of one layer at a time; see [RecurrentCell] for the maths. `x` is
/// `[steps, batch, in]`, `y` `[steps, batch, hidden]`; every view is row-major without holes. F32; the reference computes
/// F64 too.
///
/// With `lengths` (I64, `[batch]`, each from 0 to `steps`), row i ends after `lengths[i]` steps: beyond, its state stays and its
/// output is 0, and the reverse direction begins at its own last step, as PyTorch's packed sequences do. Without an
/// `initial` state, it is 0.
public interface RecurrentKernels {
    /// All outputs `y` and the state after the last step. `kept`, where given, takes what [#backward] reads:
    /// `[steps, batch, cell.keptWidth(hidden)]`, private to these kernels. A length out of range throws
    /// [IllegalArgumentException] when the call is run, before anything is written.
    Call forward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last, @Nullable View kept);

    /// Bytes that [#pack] needs.
    long packedBytes(RecurrentSpec spec, RecurrentWeights w);

    /// Lays constant weights out once. They serve both directions, and any number of steps and rows.
    PackedRecurrent pack(RecurrentSpec spec, RecurrentWeights w, MemorySegment memory);

    /// The forward pass with packed weights; same bits as with plain ones.
    Call forward(
            RecurrentSpec spec, PackedRecurrent w, View x, @Nullable View lengths, @Nullable RecurrentState initial,
            View y, RecurrentState last);

    /// The gradients, all overwritten: `gx` (where wanted) of the input, `gw` of the weights, `gInitial` of the initial state,
    /// from `gy` and `gLast` of the outputs and of the last state, and what the forward pass `kept`.
    Call backward(
            RecurrentSpec spec, RecurrentWeights w, View x, @Nullable View lengths, View kept, View gy,
            RecurrentState gLast, @Nullable View gx, RecurrentWeights gw, RecurrentState gInitial);
}
