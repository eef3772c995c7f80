/// Tensors and the operations on them.
package dev.gatun.ops;
