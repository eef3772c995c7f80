package dev.gatun.kernels;

/// Which of Winograd's algorithms a convolution may be computed by, where they apply (3×3, step 1, no dilation) and are
/// estimated to be faster than a direct sum. A value handed in, not a property of the process.
///
/// [#F2] is the default of kernels and engines, so of training: its rounding error is no larger than that of a direct
/// sum. [#F4] is the default of sessions. [#OFF] is for those who need an infinity or NaN in one pixel to reach no
/// result but those that see it.
public enum Winograd {
    /// None: direct sums only.
    OFF,
    /// F(2×2, 3×3).
    F2,
    /// F(2×2, 3×3) and F(4×4, 3×3).
    F4;

    /// True when `algorithm` may be chosen.
    public boolean allows(ConvAlgorithm algorithm) {
        return switch (algorithm) {
            case DIRECT -> true;
            case WINOGRAD_2 -> this != OFF;
            case WINOGRAD_4 -> this == F4;
        };
    }
}
