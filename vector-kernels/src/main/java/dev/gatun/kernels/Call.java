package dev.gatun.kernels;

import java.lang.foreign.MemorySegment;

/// A kernel bound to its operands: everything is checked, chosen and laid out when it is made, so that [#run] only
/// computes. It can be run any number of times (each run reads the operands anew), allocates nothing in steady state,
/// and is not to be run by two threads at once; the work is spread over the [Threads][dev.gatun.kernels.thread.Threads]
/// of the [Kernels] that made it.
public interface Call {
    /// Bytes of 64-byte-aligned scratch memory that [#run] needs; 0 when none. Its content does not outlive a run, so
    /// calls that run one after another share one block.
    default long scratchBytes() {
        return 0;
    }

    /// Which kernel this is, for a report: the name of the class that does the work.
    default String kernel() {
        String name = getClass().getSimpleName();
        int generated = name.indexOf("$$");
        return generated < 0 ? name : name.substring(0, generated);
    }

    /// Computes. `scratch` has at least [#scratchBytes] bytes and may hold anything.
    void run(MemorySegment scratch);
}
