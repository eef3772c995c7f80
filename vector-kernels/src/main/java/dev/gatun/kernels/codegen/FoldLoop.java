package dev.gatun.kernels.codegen;

import java.lang.foreign.MemorySegment;

/// A generated fold (sum, product, largest, smallest) of an expression over elements. The order of the additions is
/// fixed by the counts alone.
public abstract class FoldLoop {
    /// Most elements of one [#line]: more would add up too many rounding errors in a lane.
    public static final int LINE = 4096;

    /// For generated classes.
    protected FoldLoop() {}

    /// The fold of elements `0 … n − 1`, operand i from byte `offsets[i]` of `segments[i]` on.
    public abstract double line(MemorySegment[] segments, long[] offsets, int n);

    /// Columns of one [#panel].
    public abstract int columns();

    /// For each of [#columns] adjacent columns the fold over `rows` rows, `steps[i]` bytes apart in operand i, stored
    /// from byte `at` of `target` on.
    public abstract void panel(
            MemorySegment[] segments, long[] offsets, long[] steps, int rows, MemorySegment target, long at);

    /// The same for `count` columns, at most one vector of them.
    public abstract void edge(
            MemorySegment[] segments, long[] offsets, long[] steps, int rows, MemorySegment target, long at, int count);

    /// Lanes of a vector.
    public abstract int lanes();
}
