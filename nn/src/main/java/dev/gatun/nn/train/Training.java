package dev.gatun.nn.train;

import dev.gatun.nn.Module;
import dev.gatun.nn.optim.Optimizer;

/// What a callback may look at and change.
public record Training(Module model, Optimizer optimizer) {}
