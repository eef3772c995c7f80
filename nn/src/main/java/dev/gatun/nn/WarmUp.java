package dev.gatun.nn;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Workspace;
import java.time.Duration;
import java.util.List;

/// Runs a plan until the JIT compiler has nothing left to gain: interpreted vector code is some thousand times slower
/// and allocates, and the first real caller must not pay for that.
///
/// A round of 10 ms (or of one run) is quiet when it allocated nothing, hardly anything was compiled in it and the time per run
/// did not improve by 3 %. Vectors that are not compiled by the optimising compiler yet are objects, so a plan that
/// allocates is not done, however long the compiler is silent over a large method. Ends after three quiet rounds in a
/// row that last 50 ms together, or when the time is up.
final class WarmUp {
    private static final long ROUND_NANOS = 10_000_000;
    private static final int QUIET_ROUNDS = 3;
    private static final long QUIET_NANOS = 50_000_000;
    /// How long a rehearsal has to show in what the plan allocates.
    private static final long REHEARSED_NANOS = 250_000_000;
    /// What reading the clock and the counters may cost.
    private static final int BYTES_PER_RUN = 16;

    private WarmUp() {}

    /// Warms for at most `most` on these inputs, which are contiguous: the generated kernels that are new by themselves, then
    /// the plan, and while that allocates the kernels again that do.
    static void run(Kernels kernels, MemoryPool memory, Workspace workspace, List<Tensor> inputs, Duration most) {
        Jit jit = new Jit();
        long end = System.nanoTime() + most.toNanos();
        try (Rehearsals rehearsals = new Rehearsals(kernels, memory)) {
            rehearsals.run();
            run(jit, rehearsals, workspace, inputs, end);
        }
    }

    private static void run(Jit jit, Rehearsals rehearsals, Workspace workspace, List<Tensor> inputs, long end) {
        for (int i = 0; i < inputs.size(); i++) {
            workspace.input(i).copyFrom(inputs.get(i).view().bytes());
        }
        double best = Double.MAX_VALUE;
        int quietRounds = 0;
        long quietNanos = 0;
        long rehearsed = System.nanoTime();
        for (long now = System.nanoTime(); end - now > 0 && (quietRounds < QUIET_ROUNDS || quietNanos < QUIET_NANOS);) {
            long roundStart = now;
            jit.mark();
            int runs = 0;
            do {
                workspace.run();
                runs++;
                now = System.nanoTime();
            } while (now - roundStart < ROUND_NANOS);
            double each = (double) (now - roundStart) / runs;
            boolean quiet = !jit.allocates((long) BYTES_PER_RUN * runs) && !jit.hasCompiled(now - roundStart)
                    && each >= 0.97 * best;
            quietRounds = quiet ? quietRounds + 1 : 0;
            quietNanos = quiet ? quietNanos + now - roundStart : 0;
            best = Math.min(best, each);
            if (jit.allocates((long) BYTES_PER_RUN * runs) && now - rehearsed > REHEARSED_NANOS) {
                rehearsals.repeat(jit);
                rehearsed = System.nanoTime();
            }
        }
    }
}
