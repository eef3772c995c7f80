package dev.gatun.perf;

import dev.gatun.perf.Peers.Kind;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.Work.Order;
import dev.gatun.perf.measure.Distribution;
import dev.gatun.perf.work.Cases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Fresh JVMs: seconds from launching the process to its first answer, and until its calls stay within 10 % of what it
/// reaches in the end. Every side reads its weights from a file, as a service does.
final class StartSuite implements Suite {
    private static final List<String> MODELS = List.of("mlp", "timeseries-cnn", "minilm6-s32", "resnet18", "resnet50");
    private static final int ROUNDS = 3;
    /// The calls of this many seconds show what the steady speed is.
    private static final double LEAST_SECONDS = 4;
    private static final double STEADY = 1.1;
    private static final int WINDOW = 9;

    /// Seconds.
    private record Start(double first, double steady) {}

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "fresh JVMs: launch to first answer and to steady speed";
    }

    @Override
    public void run(BenchOptions options, BenchReport report) throws IOException {
        report.titles("start", Peers.NAMES);
        List<String> known = Cases.of("models").stream().map(c -> c.name()).toList();
        try (Peers peers = new Peers(options, Peers.NAMES)) {
            for (String model : MODELS) {
                if (known.contains(model) && options.wants(model)) {
                    try (Folder folder = new Folder()) {
                        measure(model, options, peers, folder, report);
                    } catch (ForkException failure) {
                        report.broken(model, String.valueOf(failure.getMessage()));
                    }
                }
            }
        }
    }

    private static void measure(String model, BenchOptions options, Peers peers, Folder folder, BenchReport report) {
        String path = "models/" + model;
        Map<String, String> absent = new LinkedHashMap<>(peers.absent());
        try (Fork writer = NetworkSuite.gatun()) {
            Map<String, String> facts =
                    writer.open(new Order(path, options.threads(), folder.path(), Map.of("weights", "save")));
            if (facts.containsKey("unexported")) {
                peers.kinds().forEach(kind -> absent.put(kind.peer(), "no ONNX file: " + facts.get("unexported")));
            }
        }
        Map<String, List<Start>> starts = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            starts.computeIfAbsent("gatun", _ -> new ArrayList<>()).add(start(NetworkSuite::gatun,
                    new Order(path, options.threads(), folder.path(), Map.of("weights", "load")), options));
            for (Kind kind : peers.kinds()) {
                if (!absent.containsKey(kind.peer())) {
                    try {
                        starts.computeIfAbsent(kind.peer(), _ -> new ArrayList<>()).add(start(() -> peers.start(kind),
                                new Order(path, options.threads(), folder.path(), kind.options()), options));
                    } catch (ForkException failure) {
                        absent.put(kind.peer(), String.valueOf(failure.getMessage()));
                    }
                }
            }
        }
        report.row(row(model + " first answer", options, starts, absent, true));
        report.row(row(model + " steady", options, starts, absent, false));
    }

    private static Row row(String name, BenchOptions options, Map<String, List<Start>> starts,
            Map<String, String> absent, boolean first) {
        Map<String, Double> figures = new LinkedHashMap<>();
        starts.forEach((side, list) -> figures.put(side, Distribution.median(
                list.stream().mapToDouble(s -> first ? s.first : s.steady).toArray())));
        figures.keySet().removeAll(absent.keySet());
        double gatun = figures.getOrDefault("gatun", Double.NaN);
        figures.remove("gatun");
        Row row = Row.of(name, options.threads(), "s", gatun, figures, Double.NaN);
        return new Row(name, options.threads(), "s", gatun, figures, row.ratio(), Double.NaN, Map.of(), absent,
                Map.of());
    }

    private static Start start(Supplier<Fork> launch, Order order, BenchOptions options) {
        long launched = System.nanoTime();
        try (Fork fork = launch.get()) {
            fork.open(order);
            double first = (System.nanoTime() - launched) / 1e9;
            long[] nanos = fork.run(Math.max(LEAST_SECONDS, options.seconds()), Integer.MAX_VALUE).nanos();
            return new Start(first, first + secondsToSteady(nanos));
        }
    }

    /// Seconds until the calls, taken nine at a time, stay within 10 % of the median of the last quarter.
    static double secondsToSteady(long[] nanos) {
        double goal = STEADY * Distribution.of(Arrays.copyOfRange(nanos, nanos.length - Math.max(1, nanos.length / 4),
                nanos.length)).p50();
        double passed = 0;
        for (int i = 0; i < nanos.length; i++) {
            int end = Math.min(nanos.length, i + WINDOW);
            if (Distribution.of(Arrays.copyOfRange(nanos, i, end)).p50() <= goal) {
                return passed;
            }
            passed += nanos[i] / 1e9;
        }
        return passed;
    }
}
