package dev.gatun.perf.measure;

import java.util.Arrays;

/// How the durations of many calls are spread, in microseconds. A percentile that fewer calls were measured for than it
/// takes to see it is NaN: the 99.9th of 300 calls would be a guess.
///
/// @param calls calls measured
/// @param p50 median
/// @param p90 90th percentile
/// @param p99 99th percentile
/// @param p999 99.9th percentile
/// @param p9999 99.99th percentile
/// @param max longest call
public record Distribution(int calls, double p50, double p90, double p99, double p999, double p9999, double max) {
    /// Of at least one duration in nanoseconds, in any order; the array is left alone.
    public static Distribution of(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("distribution: at least one call is needed");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Distribution(sorted.length, micros(sorted, 0.5, 1), micros(sorted, 0.9, 10),
                micros(sorted, 0.99, 100), micros(sorted, 0.999, 1000), micros(sorted, 0.9999, 10_000),
                sorted[sorted.length - 1] / 1e3);
    }

    /// The smallest time that the share `part` of all calls did not exceed.
    private static double micros(long[] sorted, double part, int least) {
        return sorted.length < least
                ? Double.NaN
                : sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)] / 1e3;
    }

    /// The median of `values`, which are left alone; NaN of none.
    public static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return (sorted.length & 1) == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
