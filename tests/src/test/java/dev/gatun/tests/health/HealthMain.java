package dev.gatun.tests.health;

import com.sun.management.ThreadMXBean;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/// Warms every kernel of a family until the compiler is done with it, then counts what a run allocates. Started with
/// `-XX:+PrintCompilation` by [KernelHealthTest], which reads the output.
final class HealthMain {
    private static final int LEAST = 6000;
    private static final int COUNTED = 200;
    private static final long PATIENCE = 4_000_000_000L;

    private HealthMain() {
    }

    public static void main(String[] args) {
        ThreadMXBean threadBean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000;
        try (Threads threads = Threads.of(1)) {
            Map<String, Call> calls = HealthWork.Family.valueOf(args[1]).calls(Kernels.best(threads));
            MemorySegment scratch = Arena.ofAuto().allocate(
                    calls.values().stream().mapToLong(Call::scratchBytes).max().orElse(0) + 64, 64);
            Map<String, Long> allocated = new LinkedHashMap<>();
            calls.forEach((name, call) -> {
                run(call, scratch, LEAST);
                allocated.put(name, allocated(threadBean, call, scratch));
            });
            // What runs later can throw away the code of what ran before, for new classes or types: a round that finds
            // nothing to settle any more is the steady state.
            long unsettled = 1;
            while (unsettled > 0 && System.nanoTime() < end) {
                unsettled = 0;
                for (Map.Entry<String, Call> e : calls.entrySet()) {
                    long bytes = allocated(threadBean, e.getValue(), scratch);
                    if (bytes != 0) {
                        unsettled++;
                        bytes = settle(threadBean, e.getValue(), scratch, end);
                    }
                    allocated.put(e.getKey(), bytes);
                }
            }
            allocated.forEach((name, bytes) -> System.out.println(
                    "allocated " + bytes + " bytes in " + COUNTED + " runs of " + name));
        }
        System.out.println("health complete");
    }

    /// Bytes allocated by [#COUNTED] runs once they are none, or when the patience is up. A kernel that is not yet
    /// compiled boxes its vectors, and under load its turn comes late.
    private static long settle(ThreadMXBean bean, Call call, MemorySegment scratch, long end) {
        long patience = Math.min(end, System.nanoTime() + PATIENCE);
        long bytes = allocated(bean, call, scratch);
        while (bytes != 0 && System.nanoTime() < patience) {
            bytes = allocated(bean, call, scratch);
        }
        return bytes;
    }

    private static void run(Call call, MemorySegment scratch, int times) {
        for (int i = 0; i < times; i++) {
            call.run(scratch);
        }
    }

    private static long allocated(ThreadMXBean bean, Call call, MemorySegment scratch) {
        long before = bean.getCurrentThreadAllocatedBytes();
        run(call, scratch, COUNTED);
        return bean.getCurrentThreadAllocatedBytes() - before;
    }
}
