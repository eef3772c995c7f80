package dev.gatun.kernels.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Fills parts of segments with zeros. `asSlice(…).fill(…)` makes a slice, which is an object until the optimising compiler
/// has the caller: a plan of recurrent layers allocated for 5 s after all its kernels were compiled, and was warmed that long.
public final class Zeros {
    private Zeros() {}

    /// Zeros from byte `at` on.
    public static void fill(MemorySegment segment, long at, long bytes) {
        segment = OffHeap.of(segment);
        int longs = Math.toIntExact(bytes >> 3);
        for (int i = 0; i < longs; i++) {
            segment.set(JAVA_LONG_UNALIGNED, at + 8L * i, 0);
        }
        for (long rest = 8L * longs; rest < bytes; rest++) {
            segment.set(JAVA_BYTE, at + rest, (byte) 0);
        }
    }
}
