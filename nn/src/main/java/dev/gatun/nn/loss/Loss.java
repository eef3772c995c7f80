package dev.gatun.nn.loss;

import dev.gatun.ops.Tensor;

/// The loss of outputs against targets. For training it gives a scalar.
@FunctionalInterface
public interface Loss {
    /// The loss.
    Tensor apply(Tensor output, Tensor target);
}
