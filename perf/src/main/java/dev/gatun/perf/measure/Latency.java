package dev.gatun.perf.measure;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/// How long single calls took, and what they allocated on the Java heap. The harness itself allocates nothing while it
/// measures.
///
/// @param calls calls measured
/// @param p50 median, microseconds
/// @param p99 99th percentile, microseconds
/// @param p999 99.9th percentile, microseconds
/// @param max longest call, microseconds
/// @param bytesPerCall bytes that the calling thread allocated, per call
public record Latency(int calls, double p50, double p99, double p999, double max, double bytesPerCall) {
    private static final long QUIET_NANOS = 500_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Runs `call` without measuring until it has allocated nothing for half a second (code that the JIT compiler has not
    /// reached yet allocates), but for `mostWarmSeconds` at most; then `calls` times, timing each.
    public static Latency measure(Runnable call, double mostWarmSeconds, int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("latency: at least one call is needed: " + calls);
        }
        warm(call, (long) (mostWarmSeconds * 1e9));
        long[] nanos = new long[calls];
        // The first question may set something up in the JVM; its answer is not used.
        THREADS.getCurrentThreadAllocatedBytes();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        time(call, nanos);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        Arrays.sort(nanos);
        return new Latency(calls, micros(nanos, 0.5), micros(nanos, 0.99), micros(nanos, 0.999),
                nanos[calls - 1] / 1e3, (double) allocated / calls);
    }

    /// Bytes that this thread allocates per call, over `calls` calls of code that is warm.
    public static double bytes(Runnable call, int calls) {
        THREADS.getCurrentThreadAllocatedBytes();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - allocated) / calls;
    }

    private static void warm(Runnable call, long mostNanos) {
        long start = System.nanoTime();
        long quietSince = start;
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long now = start;
        while (now - start < mostNanos && now - quietSince < QUIET_NANOS) {
            call.run();
            long after = THREADS.getCurrentThreadAllocatedBytes();
            now = System.nanoTime();
            if (after != allocated) {
                allocated = after;
                quietSince = now;
            }
        }
    }

    private static void time(Runnable call, long[] nanos) {
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            call.run();
            nanos[i] = System.nanoTime() - start;
        }
    }

    /// The smallest time that the share `part` of all calls did not exceed.
    private static double micros(long[] sorted, double part) {
        return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)] / 1e3;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "p50 %.1f µs, p99 %.1f µs, p99.9 %.1f µs, max %.1f µs, %.1f bytes per call"
                + " (%,d calls)", p50, p99, p999, max, bytesPerCall, calls);
    }
}
