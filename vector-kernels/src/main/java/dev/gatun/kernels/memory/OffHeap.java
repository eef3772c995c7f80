package dev.gatun.kernels.memory;

import java.lang.foreign.MemorySegment;

/// Tells C2 what a segment is. The static type `MemorySegment` says nothing, so C2 asks the profile of the JDK's access
/// methods, which the whole process shares, and any code in it can spoil:
///
/// - a vector stored into an array's segment (the JDK itself does that, in `reinterpretAsInts` before that is compiled): every
///   access of every kernel would distinguish two kinds, and its checks would stay inside the loop;
/// - many accesses to segments of a confined arena: C2 would move the question "is this the owner's thread?" out of the loops
///   of all kernels without the one before it, "has it an owner?". Memory that has none fails there, the kernel is thrown away
///   and compiled anew, four times for each loop; ResNet-18 took 9 to 17 s instead of 5 to warm.
public final class OffHeap {
    // Both are constants to C2. The thread is never started, so it owns nothing: asked for it, a segment tells whether it is
    // free of owners.
    private static final Class<?> TYPE = MemorySegment.NULL.getClass();
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> {
    });

    private OffHeap() {
    }

    /// The same segment. Call it in the method that holds the loop. The method is longer than the 35 bytes that C1 inlines at
    /// most: its virtual registers are scarce in generated kernels.
    ///
    /// @throws IllegalArgumentException if the segment belongs to an array or to one thread
    public static MemorySegment of(MemorySegment segment) {
        if (!TYPE.isInstance(segment)) {
            throw new IllegalArgumentException(
                    "kernel: memory must be native (off-heap), not backed by an array: " + segment);
        }
        MemorySegment offHeap = (MemorySegment) TYPE.cast(segment);
        if (!isOpen(offHeap)) {
            throw new IllegalArgumentException("kernel: memory must be open to all threads, not confined to one: "
                    + segment + "; allocate it in Arena.ofShared() or Arena.ofAuto()");
        }
        return offHeap;
    }

    /// True when any thread may use the segment.
    public static boolean isOpen(MemorySegment segment) {
        return segment.isAccessibleBy(NOBODY);
    }
}
