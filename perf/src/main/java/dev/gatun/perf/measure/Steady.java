package dev.gatun.perf.measure;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/// Tells when work in this JVM no longer becomes faster: for a while no time was shorter than the best one by 3 %, the
/// compiler did nothing, and the caller saw no sign of code that is not compiled.
public final class Steady {
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();
    /// Compiling less than this since the last improvement does not count.
    private static final long COMPILED_MILLIS = 30;

    private final long settleNanos;
    private double best = Double.MAX_VALUE;
    private long since = System.nanoTime();
    private long compiled = COMPILER.getTotalCompilationTime();

    /// Steady is what stays as it is for so many seconds.
    public Steady(double settleSeconds) {
        settleNanos = (long) (settleSeconds * 1e9);
    }

    /// True when the work is steady at `now`, a time of `System.nanoTime()`, having just taken `each` nanoseconds; `unready`
    /// when it shows that it is not, such as work that allocates and will not once it is compiled. A long call may see nothing
    /// of what the compiler is still about to give it, hence the look at the compiler.
    public boolean isReached(long now, double each, boolean unready) {
        long busy = COMPILER.getTotalCompilationTime();
        if (each < best * 0.97 || busy - compiled > COMPILED_MILLIS || unready) {
            since = now;
            compiled = busy;
        }
        best = Math.min(best, each);
        return now - since >= settleNanos;
    }
}
