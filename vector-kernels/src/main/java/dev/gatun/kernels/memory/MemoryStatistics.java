package dev.gatun.kernels.memory;

/// What a pool holds at one moment, in bytes and blocks.
///
/// @param used bytes of the blocks on loan, rounded to their size classes
/// @param peak the largest `used` so far
/// @param reserved bytes obtained from the system, on loan or waiting for reuse
/// @param budget the limit of `reserved`
/// @param blocks blocks on loan
/// @param acquisitions loans since the pool was made
/// @param reuses loans served without asking the system
public record MemoryStatistics(
        long used, long peak, long reserved, long budget, long blocks, long acquisitions, long reuses) {}
