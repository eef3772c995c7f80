package dev.gatun.kernels;

/// Random numbers from Philox4x32-10 (Salmon et al., SC 2011): element i of a stream is a function of (seed, offset
/// + i) alone, so it depends neither on threads nor on the order of work. The sequence for a seed is part of the API.
public interface RandomKernels {
    /// Uniform in `[low, high)`; 24 random bits for F32, 53 for F64. Element i of F32 takes 32-bit word i of the
    /// stream, F64 words 2i and 2i + 1.
    Call uniform(long seed, long offset, View out, double low, double high);

    /// Normal by Box–Muller, words 2i and 2i + 1 (F64 too).
    Call normal(long seed, long offset, View out, double mean, double deviation);

    /// `value` with probability p, else 0; word i. Any element type.
    Call bernoulli(long seed, long offset, View out, double p, double value);

    /// Uniform integers in `[low, high)` by multiply-high of 64 bits, words 2i and 2i + 1. I64, I32, U8.
    Call integers(long seed, long offset, View out, long low, long high);
}
