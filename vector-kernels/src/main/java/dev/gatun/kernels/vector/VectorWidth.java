package dev.gatun.kernels.vector;

import jdk.incubator.vector.FloatVector;

/// Widths that the JVM's vectors can have on this processor.
public final class VectorWidth {
    private VectorWidth() {}

    /// The width the JVM prefers, at most 512.
    public static int preferred() {
        return Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    }

    /// The largest width of one instruction.
    public static int largest() {
        return FloatVector.SPECIES_MAX.vectorBitSize();
    }
}
