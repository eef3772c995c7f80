package dev.gatun.nn;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Rehearsal;
import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Brings generated kernels to the optimising compiler, each by itself on little data: a first run of a whole plan with
/// kernels that are still interpreted could take minutes, and a kernel of which a plan has a few tiles would not get there
/// by the plan's runs at all.
final class Rehearsals implements AutoCloseable {
    private record Waiting(Rehearsal rehearsal, MemorySegment scratch) {}

    private final Kernels kernels;
    private final Block block;
    private final List<Waiting> waiting = new ArrayList<>();

    /// Of all kernels that were generated since the last ones.
    Rehearsals(Kernels kernels, MemoryPool memory) {
        this.kernels = kernels;
        List<Rehearsal> all = kernels.code().rehearsals();
        block = memory.acquire(all.stream().mapToLong(Rehearsals::room).sum(), "session warm-up");
        long at = 0;
        for (Rehearsal rehearsal : all) {
            waiting.add(new Waiting(rehearsal, block.segment().asSlice(at, rehearsal.scratchBytes())));
            at += room(rehearsal);
        }
    }

    private static long room(Rehearsal rehearsal) {
        return rehearsal.scratchBytes() + 63 & ~63L;
    }

    /// Rehearses all kernels on all threads.
    void run() {
        kernels.threads().run((i, _) -> rehearse(waiting.get(i)), waiting.size());
    }

    /// Rehearses those kernels again that still allocate. What was on its way to the compiler's first level when its calls
    /// were counted has to be counted once more, and a plan may call it a few times only.
    void repeat(Jit jit) {
        waiting.removeIf(w -> isCompiled(w, jit));
        waiting.forEach(Rehearsals::rehearse);
    }

    private static void rehearse(Waiting w) {
        w.rehearsal.run(w.scratch);
    }

    private static boolean isCompiled(Waiting w, Jit jit) {
        long before = jit.bytes();
        w.rehearsal.glance(w.scratch);
        return jit.bytes() == before;
    }

    @Override
    public void close() {
        block.release();
    }
}
