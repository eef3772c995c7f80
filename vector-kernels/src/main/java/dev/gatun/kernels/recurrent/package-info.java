/// Recurrent layers with SIMD. Letters beside those of the kernels: `m` rows of the batch, `t` step, `u` vector of units.
package dev.gatun.kernels.recurrent;
