/// Optimisers as fused pointwise updates, learning-rate schedules and gradient clipping.
package dev.gatun.nn.optim;
