/// Kernel families and the value that chooses between their implementations.
package dev.gatun.kernels;
