package dev.gatun.nn.loss;

import dev.gatun.ops.Tensor;

/// How the losses of single elements become one.
public enum Reduction {
    /// They do not: one loss per element.
    NONE,
    /// Their mean; NaN of no elements.
    MEAN,
    /// Their sum.
    SUM;

    Tensor of(Tensor losses) {
        return switch (this) {
            case NONE -> losses;
            case MEAN -> losses.mean();
            case SUM -> losses.sum();
        };
    }
}
