package dev.gatun.kernels;

import dev.gatun.kernels.thread.Threads;

/// The machine code behind one set of kernels: made while calls are laid out, shared by all kernels made from it.
public interface KernelCode {
    /// The same implementation on other threads, with the same code: what one has compiled, the other runs.
    Kernels on(Threads threads);

    /// A call that runs all code generated since the last rehearsal on scratch memory, so often that the JIT compiler's
    /// best version of it is under way. Interpreted vector code is a thousand times slower than compiled, so this costs
    /// less than letting the first real calls do it.
    Call rehearsal(Threads threads);
}
