package dev.gatun.kernels;

/// How a forward convolution is computed. All give the same result but for rounding; a choice depends on the shapes
/// alone unless a caller measures.
public enum ConvAlgorithm {
    /// Every product of the sum is formed: the image laid out on the way (implicit im2col), or row by row.
    DIRECT,
    /// Winograd's F(2×2, 3×3): 2.25 times fewer multiplications. The error is that of a direct sum; but an infinity or
    /// NaN in the input reaches all four results of each tile that it belongs to.
    WINOGRAD_2,
    /// Winograd's F(4×4, 3×3): 4 times fewer multiplications. The error is at most 1e-4 relative to the largest output
    /// (3e-6 is usual); an infinity or NaN reaches all sixteen results of a tile.
    WINOGRAD_4
}
