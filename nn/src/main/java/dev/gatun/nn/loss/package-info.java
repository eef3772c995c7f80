/// Losses: how far outputs are from targets, as one differentiable number.
package dev.gatun.nn.loss;
