package dev.gatun.perf.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// How many calls per second several threads finish together.
public final class Throughput {
    private Throughput() {}

    /// Runs one call of `calls` (asked once per thread) on each of `threads` threads for `seconds`; calls per second of
    /// all. Throws when a call did.
    public static double measure(Supplier<Runnable> calls, int threads, double seconds) throws InterruptedException {
        AtomicBoolean go = new AtomicBoolean();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong done = new AtomicLong();
        List<Throwable> failures = new ArrayList<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Runnable call = calls.get();
            Thread thread = new Thread(() -> {
                call.run();
                while (!go.get()) {
                    Thread.onSpinWait();
                }
                long n = 0;
                while (!stop.get()) {
                    call.run();
                    n++;
                }
                done.addAndGet(n);
            }, "throughput-" + i);
            thread.setUncaughtExceptionHandler((t, failure) -> {
                synchronized (failures) {
                    failures.add(failure);
                }
            });
            thread.start();
            all.add(thread);
        }
        long start = System.nanoTime();
        go.set(true);
        Thread.sleep((long) (seconds * 1000));
        stop.set(true);
        for (Thread t : all) {
            t.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        if (!failures.isEmpty()) {
            throw new IllegalStateException("throughput: a call failed", failures.getFirst());
        }
        return done.get() / elapsed;
    }
}
