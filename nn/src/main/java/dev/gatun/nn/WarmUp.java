package dev.gatun.nn;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Workspace;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/// Runs a plan until the JIT compiler has nothing left to gain: interpreted vector code is some thousand times slower
/// and allocates, and the first real caller must not pay for that.
///
/// Ends when the best time per run has not improved by 3 % for 15 rounds of 10 ms and either 6,000 runs (enough calls
/// for the optimising compiler, which looks at a method after 5,000) or a second are over; or when the time is up.
final class WarmUp {
    private static final long ROUND_NANOS = 10_000_000;
    private static final int STABLE_ROUNDS = 15;
    private static final int ENOUGH_RUNS = 6_000;
    private static final long ENOUGH_NANOS = 1_000_000_000;

    private WarmUp() {}

    /// Brings the generated kernels to the optimising compiler, each by itself on little data: a first run of the whole
    /// plan with kernels that are still interpreted could take minutes.
    static void rehearse(Kernels kernels, MemoryPool memory) {
        Call rehearsal = kernels.code().rehearsal(kernels.threads());
        Block scratch = memory.acquire(rehearsal.scratchBytes(), "session warm-up");
        try {
            rehearsal.run(scratch.segment());
        } finally {
            scratch.release();
        }
    }

    /// Warms for at most `most` on these inputs, which are contiguous.
    static void run(Workspace workspace, List<Tensor> inputs, Duration most) {
        List<MemorySegment> numbers = inputs.stream().map(t -> t.view().bytes()).toList();
        long start = System.nanoTime();
        double best = Double.MAX_VALUE;
        int stable = 0;
        long runs = 0;
        while (true) {
            long roundStart = System.nanoTime();
            int round = 0;
            long now;
            do {
                // Each time: what a plan has read, it may overwrite.
                for (int i = 0; i < numbers.size(); i++) {
                    workspace.input(i).copyFrom(numbers.get(i));
                }
                workspace.run();
                round++;
                now = System.nanoTime();
            } while (now - roundStart < ROUND_NANOS);
            runs += round;
            double each = (double) (now - roundStart) / round;
            stable = each < 0.97 * best ? 0 : stable + 1;
            best = Math.min(best, each);
            boolean compiled = stable >= STABLE_ROUNDS && (runs >= ENOUGH_RUNS || now - start >= ENOUGH_NANOS);
            if (compiled || now - start >= most.toNanos()) {
                return;
            }
        }
    }
}
