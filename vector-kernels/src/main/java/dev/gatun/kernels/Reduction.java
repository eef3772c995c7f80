package dev.gatun.kernels;

/// How values are folded into one; each is cut at fixed places and combined in index order, so its bits do not depend
/// on threads.
public enum Reduction {
    /// Sum; of nothing 0.
    SUM,
    /// Sum divided by the number of values; of nothing NaN.
    MEAN,
    /// Largest, NaN when any is NaN; of nothing throws.
    MAX,
    /// Smallest, NaN when any is NaN; of nothing throws.
    MIN,
    /// Product; of nothing 1.
    PROD
}
