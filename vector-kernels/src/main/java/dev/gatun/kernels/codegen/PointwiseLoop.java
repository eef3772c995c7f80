package dev.gatun.kernels.codegen;

import java.lang.foreign.MemorySegment;

/// A generated loop over elements: operands are the inputs, then the outputs, each a segment and a byte offset. Every
/// expression has a class of its own, so that each has its own profile and the JIT sees no other.
public abstract class PointwiseLoop {
    /// How an operand is walked.
    public enum Access {
        /// Element i lies i elements further.
        CONTIGUOUS,
        /// The same element every time.
        REPEATED
    }

    private static final int WARM_UP_BLOCKS = 600;

    private int blocks;

    /// For generated classes.
    protected PointwiseLoop() {}

    /// True for the first calls. The JIT compiles a loop after 600 calls with 15,000 steps in all, and interpreted
    /// vectors are a thousand times slower, so a caller makes short calls until then. Counts one call; the count may
    /// lose some when threads meet, which changes no result.
    public final boolean isCold() {
        return blocks < WARM_UP_BLOCKS && blocks++ < WARM_UP_BLOCKS;
    }

    /// Elements `0 … n − 1` as far as they fill vectors: the last `n mod lanes` are left to [#tail]. `offsets` belongs
    /// to the calling thread alone and has [Fallback#ROOM] longs more than operands.
    public abstract void body(MemorySegment[] segments, long[] offsets, int n);

    /// Elements `from … from + count − 1`, less than a vector.
    public abstract void tail(MemorySegment[] segments, long[] offsets, int from, int count);

    /// Elements that [#body] takes at a time.
    public abstract int lanes();
}
