package dev.gatun.perf;

import dev.gatun.perf.measure.Steady;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Measures several sides of one work in turns, so that a machine that slows down slows them all.
final class Alternation {
    private static final long WARM_MOST = 20_000_000_000L;
    private static final int TURNS = 8;

    /// One side of the comparison.
    interface Side {
        /// Does the work once.
        void run() throws Throwable;
    }

    private Alternation() {}

    /// Median nanoseconds per run of each side. `seconds` are shared by all sides.
    static double[] medians(List<Side> sides, double seconds, int threads) {
        int n = sides.size();
        int[] repeats = new int[n];
        for (int i = 0; i < n; i++) {
            repeats[i] = warm(sides.get(i));
        }
        List<List<Double>> samples = new ArrayList<>();
        sides.forEach(_ -> samples.add(new ArrayList<>()));
        long turn = (long) (seconds * 1e9 / TURNS / n);
        for (int t = 0; t < TURNS; t++) {
            for (int i = 0; i < n; i++) {
                if (threads > 1) {
                    // Native pools spin for some 30 ms after their last job and would take a core from the next side.
                    pause(60);
                }
                Side side = sides.get(i);
                time(side, repeats[i]);
                long start = System.nanoTime();
                do {
                    samples.get(i).add(time(side, repeats[i]));
                } while (System.nanoTime() - start < turn);
            }
        }
        return samples.stream().mapToDouble(Alternation::median).toArray();
    }

    /// Runs until it is steady or time is up; gives the repeats that take about a millisecond.
    private static int warm(Side side) {
        long start = System.nanoTime();
        Steady steady = new Steady(1);
        int repeats = 1;
        while (true) {
            double now = time(side, repeats);
            long at = System.nanoTime();
            repeats = Math.clamp(Math.round(1e6 / Math.max(now, 1)), 1, 1_000_000);
            if (steady.isReached(at, now, false) || at - start > WARM_MOST) {
                return repeats;
            }
        }
    }

    private static double time(Side side, int repeats) {
        try {
            long start = System.nanoTime();
            for (int i = 0; i < repeats; i++) {
                side.run();
            }
            return (System.nanoTime() - start) / (double) repeats;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable checked) {
            throw new IllegalStateException("bench: a side failed", checked);
        }
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("bench: interrupted", stop);
        }
    }
}
