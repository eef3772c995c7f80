package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// A matrix B `[k, n]` in the private layout of the kernels that packed it; only those read it.
public record PackedMatrix(MemorySegment memory, DType dtype, int k, int n, String layout) {}
