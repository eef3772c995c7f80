package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.ops.Generator;

/// One step of an [GRU]; see [RecurrentCellLayer] for shapes and parameters.
public final class GRUCell extends RecurrentCellLayer {
    /// With biases.
    public GRUCell(int in, int hidden, Generator generator) {
        this(in, hidden, true, generator);
    }

    /// With or without biases; initial values as PyTorch has them, from `generator`.
    public GRUCell(int in, int hidden, boolean withBias, Generator generator) {
        super(RecurrentCell.GRU, in, hidden, withBias, generator);
    }
}
