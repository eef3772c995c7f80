package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.ops.Generator;

/// Plain recurrence over sequences (Elman, 1990), `h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh)`, or with the rectifier; see
/// [RecurrentLayer] for shapes, states and parameters.
public final class RNN extends RecurrentLayer {
    /// What is applied to the sum.
    public enum Nonlinearity {
        /// Hyperbolic tangent.
        TANH,
        /// Rectifier.
        RELU;

        RecurrentCell cell() {
            return this == TANH ? RecurrentCell.TANH : RecurrentCell.RELU;
        }
    }

    /// One layer in one direction with tanh, steps first.
    public RNN(int in, int hidden, Generator generator) {
        this(in, hidden, Nonlinearity.TANH, RecurrentOptions.DEFAULT, generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`.
    public RNN(int in, int hidden, Nonlinearity nonlinearity, RecurrentOptions options, Generator generator) {
        super(nonlinearity.cell(), in, hidden, options, generator);
    }
}
