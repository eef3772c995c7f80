package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.ops.Generator;

/// Gated recurrent units over sequences, ` gates r, z, n:n = tanh(W_in·x + b_in + σ(r)·(W_hn·h + b_hn)), h' = (1 − σ(z))·n + σ(z)·h`; see [RecurrentLayer] for shapes, states and
/// parameters, [RecurrentCell] for the sources.
public final class GRU extends RecurrentLayer {
    /// One layer in one direction, steps first.
    public GRU(int in, int hidden, Generator generator) {
        this(in, hidden, RecurrentOptions.DEFAULT, generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`.
    public GRU(int in, int hidden, RecurrentOptions options, Generator generator) {
        super(RecurrentCell.GRU, in, hidden, options, generator);
    }
}
