package dev.gatun.kernels.memory;

import java.lang.foreign.MemorySegment;

/// Tells C2 that a segment lies outside the heap. The static type `MemorySegment` says nothing, so C2 asks the profile of
/// the JDK's access methods, which the whole process shares; once any code has stored a vector into an array's segment
/// (the JDK itself does, in `reinterpretAsInts` before that is compiled) every access of every kernel would distinguish two
/// kinds, and its checks would stay inside the loop.
public final class OffHeap {
    // A constant to C2.
    private static final Class<?> TYPE = MemorySegment.NULL.getClass();

    private OffHeap() {
    }

    /// The same segment. Call it in the method that holds the loop. The method is longer than the 35 bytes that C1 inlines at
    /// most: its virtual registers are scarce in generated kernels.
    ///
    /// @throws IllegalArgumentException if the segment belongs to an array
    public static MemorySegment of(MemorySegment segment) {
        if (!TYPE.isInstance(segment)) {
            throw new IllegalArgumentException(
                    "kernel: memory must be native (off-heap), not backed by an array: " + segment);
        }
        return (MemorySegment) TYPE.cast(segment);
    }
}
