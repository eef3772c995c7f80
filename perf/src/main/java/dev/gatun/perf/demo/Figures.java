package dev.gatun.perf.demo;

import dev.gatun.perf.measure.Latency;
import java.util.Locale;

/// The figures of a run, as `--json` writes them.
record Figures(String data, double accuracy, double sessionAccuracy, double trainSeconds, int epochs,
        double coldStartMillis, Latency latency,
        double callsPerSecond, int threads) {
    private static final Latency NOT_MEASURED =
            new Latency(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    static Figures ofTraining(double accuracy, double trainSeconds, int epochs, DigitData data) {
        return new Figures(data.name(), accuracy, Double.NaN, trainSeconds, epochs, Double.NaN, NOT_MEASURED,
                Double.NaN, 0);
    }

    Figures withServing(double newSessionAccuracy, double newColdStartMillis, Latency newLatency,
            double newCallsPerSecond, int newThreads) {
        return new Figures(data, accuracy, newSessionAccuracy, trainSeconds, epochs, newColdStartMillis, newLatency,
                newCallsPerSecond,
                newThreads);
    }

    String toJson() {
        return String.format(Locale.ROOT, """
                {
                  "data": "%s",
                  "accuracy": %.6f,
                  "session_accuracy": %.6f,
                  "train_seconds": %.3f,
                  "epochs": %d,
                  "cold_start_ms": %.3f,
                  "p50_us": %.3f,
                  "p99_us": %.3f,
                  "p999_us": %.3f,
                  "max_us": %.3f,
                  "calls": %d,
                  "alloc_bytes_per_call": %.3f,
                  "throughput_per_second": %.1f,
                  "throughput_threads": %d
                }
                """, data.replace("\\", "\\\\").replace("\"", "\\\""), accuracy, sessionAccuracy, trainSeconds, epochs,
                coldStartMillis,
                latency.p50(), latency.p99(), latency.p999(), latency.max(), latency.calls(), latency.bytesPerCall(),
                callsPerSecond, threads);
    }
}
