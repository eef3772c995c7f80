package dev.gatun.kernels.thread;

/// Work cut into numbered chunks. Which worker takes which chunk is not defined, so a chunk's result must not depend
/// on it; chunks of one run never share output.
public interface Task {
    /// Does chunk `chunk` on worker `worker` (0 ≤ worker < [Threads#count]; 0 is the caller), whose number picks
    /// per-worker scratch memory.
    void run(int chunk, int worker);
}
