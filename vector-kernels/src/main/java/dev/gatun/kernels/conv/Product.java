package dev.gatun.kernels.conv;

import java.lang.foreign.MemorySegment;

/// A [Correlation] bound to images, waiting for the memory of its weights and its result.
interface Product {
    /// Bytes of scratch memory for all workers.
    long scratchBytes();

    /// Computes, with [#scratchBytes] of memory from byte `at` on; `a` holds the weights, `out` gets the result.
    void run(MemorySegment memory, long at, MemorySegment a, MemorySegment out);
}
