package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;

/// Dims `from` and all behind it as one.
public final class Flatten extends Module {
    private final int from;

    /// All dims but the batch.
    public Flatten() {
        this(1);
    }

    /// Dims `from` and behind.
    public Flatten(int from) {
        this.from = from;
    }

    @Override
    protected Tensor compute(Tensor x) {
        return x.flatten(from);
    }
}
