package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// Runs a piece of generated code on scratch memory, so that the JIT compiler gets to know it before its first real call:
/// interpreted vector code is a thousand times slower than compiled, and makes an object of every vector. On any thread, but one
/// at a time, and with memory that nobody else uses meanwhile.
public interface Rehearsal {
    /// Bytes of scratch memory, 64-byte aligned, that both methods need.
    long scratchBytes();

    /// Calls the code so often that the compiler's best version of it is under way; it may still be at work afterwards.
    void run(MemorySegment scratch);

    /// Calls the code a few times: whether that allocates on the Java heap tells whether its best version is there. To that
    /// end it allocates nothing itself, when the memory is that of the call before.
    void glance(MemorySegment scratch);
}
