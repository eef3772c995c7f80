package dev.gatun.kernels;

import org.jspecify.annotations.Nullable;

/// The state of a recurrent layer between two steps, or its gradient: `h` `[batch, hidden]`, and `c` of the same shape for
/// the LSTM alone.
public record RecurrentState(View h, @Nullable View c) {
    /// The state of a cell without a cell state.
    public static RecurrentState of(View h) {
        return new RecurrentState(h, null);
    }
}
