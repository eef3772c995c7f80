package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// Convolution weights `[oc, c/groups, kh, kw]` in the private layout of the kernels that packed them, for one algorithm
/// and one layout of the images.
public record PackedFilter(
        MemorySegment memory, DType dtype, int oc, int c, int kh, int kw, String layout, ConvAlgorithm algorithm,
        ImageLayout images) {}
