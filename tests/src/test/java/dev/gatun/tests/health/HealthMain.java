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

/// Warms every kernel until the compiler is done with it, then counts what a run allocates. Started with
/// `-XX:+PrintCompilation` by [KernelHealthTest], which reads the output.
final class HealthMain {
    private static final int LEAST = 6000;
    private static final int COUNTED = 200;
    private static final long PATIENCE = 15_000_000_000L;

    private HealthMain() {
    }

    public static void main(String[] args) {
        ThreadMXBean threadBean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000_000;
        try (Threads threads = Threads.of(1)) {
            Map<String, Call> pending = HealthWork.of(Kernels.best(threads));
            MemorySegment scratch = Arena.ofAuto().allocate(
                    pending.values().stream().mapToLong(Call::scratchBytes).max().orElse(0) + 64, 64);
            Map<String, Long> allocated = new LinkedHashMap<>();
            for (int pass = 0; pass < 2 && !pending.isEmpty(); pass++) {
                pending.forEach((name, call) -> allocated.put(name, settle(threadBean, call, scratch, end)));
                pending.keySet().removeIf(name -> allocated.get(name) == 0);
            }
            allocated.forEach((name, bytes) -> System.out.println(
                    "allocated " + bytes + " bytes in " + COUNTED + " runs of " + name));
        }
        System.out.println("health complete");
    }

    /// Bytes allocated by [#COUNTED] runs once they are none, or when the time is up. A kernel that is not yet compiled
    /// boxes its vectors, and under load its turn comes late.
    private static long settle(ThreadMXBean bean, Call call, MemorySegment scratch, long end) {
        long patience = Math.min(end, System.nanoTime() + PATIENCE);
        long bytes = 1;
        for (int run = 0; run < LEAST || (bytes != 0 && System.nanoTime() < patience); run += COUNTED) {
            bytes = allocated(bean, call, scratch);
        }
        return bytes;
    }

    private static long allocated(ThreadMXBean bean, Call call, MemorySegment scratch) {
        long before = bean.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < COUNTED; i++) {
            call.run(scratch);
        }
        return bean.getCurrentThreadAllocatedBytes() - before;
    }
}
