package dev.gatun.perf.demo;

import dev.gatun.nn.ModelFile;
import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.metrics.ConfusionMatrix;
import dev.gatun.nn.metrics.TopK;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.perf.measure.Latency;
import dev.gatun.perf.measure.Throughput;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Locale;

/// Loads the saved network, compiles a session for one image at a time that works on its caller's thread, and measures
/// it.
final class Serving {
    private static final double MOST_WARM_SECONDS = 15;
    private static final int CALLS = 200_000;
    private static final double THROUGHPUT_SECONDS = 3;

    private Serving() {}

    /// Reads the network back into one that began with other weights, and compiles it.
    static Session load(Path file, int height, int width, int classes) throws IOException {
        try (Module network = DigitNetwork.of(height, width, classes, Generator.of(-1))) {
            ModelFile.load(network, file);
            return Session.builder(network).input(Shape.of(1, 1, height, width)).threads(1).build();
        }
    }

    /// The figures of `trained`, completed; the answers of the session are counted over all test images again.
    static Figures measure(DigitData data, Path file, PrintStream out, Figures trained)
            throws IOException, InterruptedException {
        double coldStart = ColdStart.measure(file, data);
        try (Session session = load(file, data.height(), data.width(), data.classes())) {
            ConfusionMatrix confusion = judge(session, data);
            out.printf(Locale.ROOT, "loaded again and compiled: the session reads %.2f %% right%n%n",
                    100 * confusion.accuracy());
            Latency latency = Latency.measure(call(session, data), MOST_WARM_SECONDS, CALLS);
            int threads = Runtime.getRuntime().availableProcessors();
            double perSecond = Throughput.measure(() -> call(session, data), threads, THROUGHPUT_SECONDS);
            out.printf(Locale.ROOT, """
                    cold start           %,.0f ms from starting a JVM to the first answer of a warm session
                    one image at a time  p50 %.1f µs, p99 %.1f µs, p99.9 %.1f µs, max %.1f µs (%,d calls)
                    throughput           %,.0f images per second with %d callers
                    bytes per call       %.1f
                    """, coldStart, latency.p50(), latency.p99(), latency.p999(), latency.max(), latency.calls(),
                    perSecond,
                    threads, latency.bytesPerCall());
            return trained.withServing(confusion.accuracy(), coldStart, latency, perSecond, threads);
        }
    }

    /// One call on segments of its own.
    private static Runnable call(Session session, DigitData data) {
        Arena arena = Arena.ofAuto();
        MemorySegment image = arena.allocate(4L * data.height() * data.width(), 64);
        MemorySegment label = arena.allocate(8, 8);
        MemorySegment scores = arena.allocate(4L * data.classes(), 64);
        data.test().read(0, image, 0, label, 0);
        return () -> session.run(image, scores);
    }

    private static ConfusionMatrix judge(Session session, DigitData data) {
        ConfusionMatrix confusion = new ConfusionMatrix(data.classes());
        Arena arena = Arena.ofAuto();
        MemorySegment image = arena.allocate(4L * data.height() * data.width(), 64);
        MemorySegment label = arena.allocate(8, 8);
        MemorySegment scores = arena.allocate(4L * data.classes(), 64);
        for (int i = 0; i < data.test().size(); i++) {
            data.test().read(i, image, 0, label, 0);
            session.run(image, scores);
            confusion.add((int) label.get(ValueLayout.JAVA_LONG, 0),
                    TopK.argmax(scores.toArray(ValueLayout.JAVA_FLOAT), 0, data.classes()));
        }
        return confusion;
    }
}
