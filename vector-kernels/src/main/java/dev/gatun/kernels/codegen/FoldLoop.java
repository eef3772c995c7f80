package dev.gatun.kernels.codegen;

import java.lang.foreign.MemorySegment;

/// A generated fold (sum, product, largest, smallest) of an expression over elements. The order of the additions is
/// fixed by the counts alone.
public abstract class FoldLoop {
    /// Most elements of one [#line]: more would add up too many rounding errors in a lane.
    public static final int LINE = 4096;

    /// For generated classes.
    protected FoldLoop() {}

    /// The fold of elements `0 … n − 1`, operand i from byte `offsets[i]` of `segments[i]` on. `offsets` has
    /// [Fallback#ROOM] longs more than operands.
    public final double line(MemorySegment[] segments, long[] offsets, int n) {
        int whole = n & -lanes();
        if (whole == n) {
            return body(segments, offsets, n);
        }
        double rest = tail(segments, offsets, whole, n - whole);
        return whole == 0 ? rest : fold().apply(body(segments, offsets, whole), rest);
    }

    /// What is folded.
    abstract FoldCompiler.Fold fold();

    /// The fold of elements `0 … n − 1`, whole vectors.
    abstract double body(MemorySegment[] segments, long[] offsets, int n);

    /// The fold of elements `from … from + count − 1`, less than a vector. A method of its own: with the expression in
    /// both, one would be more than C1 can compile.
    abstract double tail(MemorySegment[] segments, long[] offsets, int from, int count);

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
