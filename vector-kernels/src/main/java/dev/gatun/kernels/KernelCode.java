package dev.gatun.kernels;

import dev.gatun.kernels.thread.Threads;
import java.util.List;

/// The machine code behind one set of kernels: made while calls are laid out, shared by all kernels made from it.
public interface KernelCode {
    /// The same implementation on other threads, with the same code: what one has compiled, the other runs.
    Kernels on(Threads threads);

    /// All code generated since this was asked last, each piece with what makes the JIT compiler know it.
    List<Rehearsal> rehearsals();
}
