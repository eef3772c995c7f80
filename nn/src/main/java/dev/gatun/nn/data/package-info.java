/// Samples in order, their split and transformation, and batches of them made ahead of the training loop.
package dev.gatun.nn.data;
