package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;

/// `y = x`, the tensor itself.
public final class Identity extends Module {
    /// Nothing to set.
    public Identity() {}

    @Override
    protected Tensor compute(Tensor x) {
        return x;
    }
}
