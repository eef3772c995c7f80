/// Off-heap memory: a pool of 64-byte-aligned blocks over long-lived arenas, with a byte budget and statistics.
package dev.gatun.kernels.memory;
