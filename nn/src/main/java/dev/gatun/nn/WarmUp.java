package dev.gatun.nn;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs a plan until the JIT compiler has nothing left to gain: interpreted vector code is some thousand times slower
/// and allocates, and the first real caller must not pay for that.
///
/// A round of 10 ms (or of one run) is quiet when it allocated nothing, no compilation ended in it and the time per run
/// did not improve by 3 %. Vectors that are not compiled by the optimising compiler yet are objects, so a plan that
/// allocates is not done, however long the compiler is silent over a large method. Ends after three quiet rounds in a
/// row that last 50 ms together, or when the time is up.
final class WarmUp {
    private static final long ROUND_NANOS = 10_000_000;
    private static final int QUIET_ROUNDS = 3;
    private static final long QUIET_NANOS = 50_000_000;
    /// How long a rehearsal has to show in what the plan allocates.
    private static final long REHEARSED_NANOS = 400_000_000;
    /// What reading the clock and the counters may cost.
    private static final int BYTES_PER_RUN = 16;

    private WarmUp() {}

    /// Warms for at most `most` on these inputs, which are contiguous. First the generated kernels that are new, each by
    /// itself on little data: a first run of the whole plan with kernels that are still interpreted could take minutes.
    /// While the plan goes on allocating they are rehearsed again: what was on its way to the compiler's first level when
    /// the first rehearsal counted its calls has to be counted once more, and a plan may call it a few times only.
    static void run(Kernels kernels, MemoryPool memory, Workspace workspace, List<Tensor> inputs, Duration most) {
        Call rehearsal = kernels.code().rehearsal(kernels.threads());
        Block scratch = memory.acquire(rehearsal.scratchBytes(), "session warm-up");
        try {
            rehearsal.run(scratch.segment());
            run(() -> rehearsal.run(scratch.segment()), workspace, inputs, most);
        } finally {
            scratch.release();
        }
    }

    private static void run(Runnable rehearsal, Workspace workspace, List<Tensor> inputs, Duration most) {
        List<MemorySegment> numbers = inputs.stream().map(t -> t.view().bytes()).toList();
        Jit jit = new Jit();
        long start = System.nanoTime();
        double best = Double.MAX_VALUE;
        int quietRounds = 0;
        long quietNanos = 0;
        long rehearsed = start;
        for (long now = start; now - start < most.toNanos() && (quietRounds < QUIET_ROUNDS
                || quietNanos < QUIET_NANOS);) {
            long roundStart = now;
            jit.mark();
            int runs = 0;
            do {
                // Each time: what a plan has read, it may overwrite.
                for (int i = 0; i < numbers.size(); i++) {
                    workspace.input(i).copyFrom(numbers.get(i));
                }
                workspace.run();
                runs++;
                now = System.nanoTime();
            } while (now - roundStart < ROUND_NANOS);
            double each = (double) (now - roundStart) / runs;
            boolean quiet = jit.isQuiet((long) BYTES_PER_RUN * runs) && each >= 0.97 * best;
            quietRounds = quiet ? quietRounds + 1 : 0;
            quietNanos = quiet ? quietNanos + now - roundStart : 0;
            best = Math.min(best, each);
            if (jit.allocates((long) BYTES_PER_RUN * runs) && now - rehearsed > REHEARSED_NANOS) {
                rehearsal.run();
                rehearsed = now;
            }
        }
    }

    /// Signs of the compiler's work since the last mark, as far as the JVM shows them.
    private static final class Jit {
        private final @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        private final java.lang.management.ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private long bytes;
        private long millis;

        void mark() {
            millis = millis();
            bytes = bytes();
        }

        boolean isQuiet(long allowedBytes) {
            return !allocates(allowedBytes) && millis() == millis;
        }

        boolean allocates(long allowedBytes) {
            return bytes() - bytes > allowedBytes;
        }

        private long millis() {
            return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                    ? compiler.getTotalCompilationTime()
                    : 0;
        }

        private long bytes() {
            return threads instanceof com.sun.management.ThreadMXBean t && t.isThreadAllocatedMemorySupported()
                    && t.isThreadAllocatedMemoryEnabled() ? t.getCurrentThreadAllocatedBytes() : 0;
        }
    }
}
