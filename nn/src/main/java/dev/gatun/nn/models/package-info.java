/// Networks with the parameter names and counts of their published PyTorch form, so that its weights load by name. Each
/// gives logits; each takes settings from which smaller or larger relatives are made.
package dev.gatun.nn.models;
