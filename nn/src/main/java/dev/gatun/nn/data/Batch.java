package dev.gatun.nn.data;

import dev.gatun.ops.Tensor;

/// Samples side by side: `input` is `[n, inputDims]`, `target` `[n, targetDims]`. Made on the thread that asks for it,
/// in its current scope.
public record Batch(Tensor input, Tensor target) {
    /// Number of samples.
    public int size() {
        return input.shape().dim(0);
    }
}
