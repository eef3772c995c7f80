package dev.gatun.nn.layers;

import dev.gatun.ops.Generator;

/// One step of an [RNN]; see [RecurrentCellLayer] for shapes and parameters.
public final class RNNCell extends RecurrentCellLayer {
    /// With biases and tanh.
    public RNNCell(int in, int hidden, Generator generator) {
        this(in, hidden, true, RNN.Nonlinearity.TANH, generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`.
    public RNNCell(int in, int hidden, boolean withBias, RNN.Nonlinearity nonlinearity, Generator generator) {
        super(nonlinearity.cell(), in, hidden, withBias, generator);
    }
}
