package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;

/// Sequences to sequences of features by stacked LSTM layers: `[n, steps, in]` to `[n, steps, hidden]`.
///
/// Names: those of PyTorch's LSTM under `lstm`: `lstm.weight_ih_l0`, ….
public final class LstmEncoder extends Module {
    private final LSTM lstm;

    /// `layers` layers, with biases; first values as in PyTorch.
    public LstmEncoder(int in, int hidden, int layers, Generator generator) {
        lstm = child("lstm", new LSTM(
                in, hidden, RecurrentOptions.DEFAULT.withLayers(layers).withBatchFirst(), generator));
    }

    /// Two layers, 128 to 256 features: 921,600 parameters.
    public static LstmEncoder of(Generator generator) {
        return new LstmEncoder(128, 256, 2, generator);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return lstm.forward(x);
    }
}
