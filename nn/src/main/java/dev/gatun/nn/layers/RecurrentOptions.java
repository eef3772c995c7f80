package dev.gatun.nn.layers;

/// Settings of a recurrent layer; the defaults are PyTorch's.
///
/// @param layers layers on top of each other
/// @param bias two biases per layer and direction
/// @param batchFirst sequences are `[batch, steps, …]` instead of `[steps, batch, …]`
/// @param dropout probability of dropout on the outputs of every layer but the last
/// @param bidirectional each layer runs in both directions and joins their outputs
public record RecurrentOptions(int layers, boolean bias, boolean batchFirst, double dropout, boolean bidirectional) {
    /// One layer in one direction, with biases, steps first.
    public static final RecurrentOptions DEFAULT = new RecurrentOptions(1, true, false, 0, false);

    /// Checks the ranges.
    public RecurrentOptions {
        if (layers < 1 || !(dropout >= 0 && dropout <= 1)) {
            throw new IllegalArgumentException("recurrent: at least one layer, and a dropout between 0 and 1: " + layers
                    + " layers, dropout " + dropout);
        }
    }

    /// With so many layers.
    public RecurrentOptions withLayers(int count) {
        return new RecurrentOptions(count, bias, batchFirst, dropout, bidirectional);
    }

    /// Without biases.
    public RecurrentOptions withoutBias() {
        return new RecurrentOptions(layers, false, batchFirst, dropout, bidirectional);
    }

    /// With sequences `[batch, steps, …]`.
    public RecurrentOptions withBatchFirst() {
        return new RecurrentOptions(layers, bias, true, dropout, bidirectional);
    }

    /// With dropout between layers.
    public RecurrentOptions withDropout(double probability) {
        return new RecurrentOptions(layers, bias, batchFirst, probability, bidirectional);
    }

    /// With both directions.
    public RecurrentOptions withBothDirections() {
        return new RecurrentOptions(layers, bias, batchFirst, dropout, true);
    }

    int directions() {
        return bidirectional ? 2 : 1;
    }

    @Override
    public String toString() {
        return "layers=" + layers + ", bias=" + bias + ", batchFirst=" + batchFirst + ", dropout=" + dropout
                + ", bidirectional=" + bidirectional;
    }
}
