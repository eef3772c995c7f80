package dev.gatun.kernels.codegen;

import java.lang.foreign.MemorySegment;

/// A generated loop over the units of a recurrent layer: each operand, inputs then outputs, moves by a number of vectors
/// of its own from one vector of units to the next.
public abstract class CellLoop {
    /// For generated classes.
    protected CellLoop() {}

    /// `vectors` vectors of units, operand i from byte `offsets[i]` of `segments[i]` on.
    public abstract void run(MemorySegment[] segments, long[] offsets, int vectors);
}
