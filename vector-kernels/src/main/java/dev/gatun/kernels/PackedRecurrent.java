package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// The weights of one direction of a recurrent layer in the private layout of the kernels that packed them; only those
/// read it.
public record PackedRecurrent(
        MemorySegment memory, DType dtype, RecurrentCell cell, int in, int hidden, boolean bias, String layout) {}
