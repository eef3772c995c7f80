package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.ops.Generator;

/// Long short-term memory over sequences, ` gates i, f, g, o:c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c')`; see [RecurrentLayer] for shapes, states and
/// parameters, [RecurrentCell] for the sources.
public final class LSTM extends RecurrentLayer {
    /// One layer in one direction, steps first.
    public LSTM(int in, int hidden, Generator generator) {
        this(in, hidden, RecurrentOptions.DEFAULT, generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`.
    public LSTM(int in, int hidden, RecurrentOptions options, Generator generator) {
        super(RecurrentCell.LSTM, in, hidden, options, generator);
    }
}
