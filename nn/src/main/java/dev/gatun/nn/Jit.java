package dev.gatun.nn;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/// Signs of the JIT compiler's work since the last mark, as far as the JVM shows them.
final class Jit {
    private final @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long bytes;
    private long millis;

    void mark() {
        millis = millis();
        bytes = bytes();
    }

    /// True when compilations ended that took more than a fiftieth of `nanos`, the time since the mark: in a long while some
    /// small method of somebody else is always compiled.
    boolean hasCompiled(long nanos) {
        return (millis() - millis) * 50_000_000 > nanos;
    }

    /// True when this thread allocated more than so much.
    boolean allocates(long allowedBytes) {
        return bytes() - bytes > allowedBytes;
    }

    private long millis() {
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : 0;
    }

    /// What this thread has allocated so far; 0 where the JVM does not count it.
    long bytes() {
        return threads instanceof com.sun.management.ThreadMXBean t && t.isThreadAllocatedMemorySupported()
                && t.isThreadAllocatedMemoryEnabled() ? t.getCurrentThreadAllocatedBytes() : 0;
    }
}
