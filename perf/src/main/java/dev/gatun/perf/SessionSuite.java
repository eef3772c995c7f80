package dev.gatun.perf;

import dev.gatun.perf.Contest.Outcome;
import dev.gatun.perf.Peers.Kind;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.Spinner;
import dev.gatun.perf.fork.Work.Order;
import dev.gatun.perf.measure.Distribution;
import dev.gatun.perf.work.Cases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What a service does to a session: neighbours that keep every core busy, several callers, several sessions, other
/// work before it in the same JVM.
final class SessionSuite implements Suite {
    private static final List<String> UNDER_PRESSURE = List.of("resnet18", "minilm6-s32", "timeseries-cnn");
    private static final List<String> CALLED = List.of("mlp", "timeseries-cnn", "resnet18");
    private static final List<String> POLLUTED = List.of("mlp", "timeseries-cnn", "resnet18");
    /// Shapes and operations that the polluted JVM has seen before.
    private static final List<String> POLLUTION = List.of("conv/conv3x3 128->128 28x28", "conv/conv1x1 64->256 56x56",
            "conv/depthwise3x3 96 112x112", "conv/conv1d k3 64->64 1000", "layers/softmax 12x128x128",
            "layers/gelu 128x3072", "layers/linear 128x768->768", "layers/maxpool3x3s2 64x112x112",
            "training/demo-cnn batch 64", "models/mobilenetv2");
    /// As many as a 99th percentile needs, with some to spare.
    private static final int LEAST_CALLS = 150;
    private static final int SESSIONS = 8;
    private static final int ROUNDS = 5;

    @Override
    public String name() {
        return "session";
    }

    @Override
    public String summary() {
        return "threads under pressure: busy neighbours, several callers and sessions, a polluted JVM";
    }

    @Override
    public void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException {
        report.titles("sessions", List.of(Peers.ONNX_RUNTIME));
        try (Peers peers = new Peers(options, List.of(Peers.ONNX_RUNTIME))) {
            for (String model : models(UNDER_PRESSURE)) {
                if (options.wants(model + " busy")) {
                    guarded(model + " busy", report, () -> pressure(model, options, peers, report));
                }
            }
        }
        BenchOptions single = options.withThreads(1);
        try (Peers peers = new Peers(single, List.of(Peers.ONNX_RUNTIME))) {
            for (String model : models(CALLED)) {
                String name = model + " two callers";
                if (options.wants(name) && Runtime.getRuntime().availableProcessors() > 1) {
                    guarded(name, report, () -> callers(model, name, single, peers, report));
                }
            }
        }
        String sharing = "timeseries-cnn " + SESSIONS + " sessions";
        if (options.wants(sharing)) {
            guarded(sharing, report, () -> sharing(sharing, options, report));
        }
        for (String model : models(POLLUTED)) {
            if (options.wants(model + " polluted")) {
                guarded(model + " polluted", report, () -> polluted(model, options, report));
            }
        }
    }

    private static List<String> models(List<String> wanted) {
        List<String> known = Cases.of("models").stream().map(c -> c.name()).toList();
        return wanted.stream().filter(known::contains).toList();
    }

    private interface Measurement {
        void run() throws IOException, InterruptedException;
    }

    private static void guarded(String name, BenchReport report, Measurement measurement)
            throws IOException, InterruptedException {
        try {
            measurement.run();
        } catch (ForkException failure) {
            report.broken(name, String.valueOf(failure.getMessage()));
        }
    }

    /// The 99th percentile beside one spinning process per core, and what that is over the median without them.
    private static void pressure(String model, BenchOptions options, Peers peers, BenchReport report)
            throws IOException, InterruptedException {
        try (LineUp lineUp = new LineUp("models/" + model, options.threads(), peers, report)) {
            Map<String, Outcome> quiet = Contest.run(lineUp.sides(), options.seconds());
            double slowest = quiet.values().stream().mapToDouble(o -> o.latency().p50()).max().orElseThrow() / 1e6;
            // Each call takes about twice as long when every core is shared by two.
            double seconds = Math.max(options.seconds(), 2 * slowest * LEAST_CALLS * lineUp.sides().size());
            Map<String, Outcome> busy;
            try (Spinner _ = new Spinner(Runtime.getRuntime().availableProcessors())) {
                busy = Contest.run(lineUp.sides(), seconds);
            }
            report.row(row(model + " p99 busy", "ms", options, busy, lineUp,
                    side -> Contest.of(busy, side).latency().p99() / 1000, Contest.of(busy, "gatun").bytesPerCall()));
            report.row(row(model + " p99 busy / p50 quiet", "p99/p50", options, quiet, lineUp,
                    side -> Contest.of(busy, side).latency().p99() / Contest.of(quiet, side).latency().p50(),
                    Double.NaN));
        }
    }

    private static Row row(String name, String unit, BenchOptions options, Map<String, Outcome> spread, LineUp lineUp,
            ToDoubleFunction<String> figure, double bytes) {
        Map<String, Double> peers = new LinkedHashMap<>();
        spread.keySet().stream().filter(side -> !side.equals("gatun"))
                .forEach(side -> peers.merge(Peers.ONNX_RUNTIME, figure.applyAsDouble(side), Math::min));
        Map<String, Distribution> latency = new LinkedHashMap<>();
        spread.forEach((side, outcome) -> latency.put(side, outcome.latency()));
        Row row = Row.of(name, options.threads(), unit, figure.applyAsDouble("gatun"), peers, bytes);
        return new Row(row.name(), row.threads(), unit, row.gatun(), peers, row.ratio(), bytes, latency,
                lineUp.absent(), Map.of());
    }

    /// How many times the calls per second of one caller two callers reach, each on one thread.
    private static void callers(String model, String name, BenchOptions options, Peers peers, BenchReport report)
            throws IOException {
        try (LineUp lineUp = new LineUp("models/" + model, 1, peers, report)) {
            Map<String, Double> factors = new LinkedHashMap<>();
            double gatun = Double.NaN;
            double share = options.seconds() / lineUp.sides().size() / ROUNDS / 2;
            for (Fork side : lineUp.sides()) {
                side.warm(1, 20);
                side.callers(2, Math.max(1, share));
                double[] ratios = new double[ROUNDS];
                for (int i = 0; i < ROUNDS; i++) {
                    double alone = side.callers(1, share);
                    ratios[i] = side.callers(2, share) / alone;
                }
                if (side == lineUp.gatun()) {
                    gatun = Distribution.median(ratios);
                } else {
                    factors.merge(Peers.ONNX_RUNTIME, Distribution.median(ratios), Math::max);
                }
            }
            report.row(Row.of(name, 1, "x", gatun, factors, Double.NaN));
        }
    }

    /// How many threads more a process has with several sessions open than with one.
    private static void sharing(String name, BenchOptions options, BenchReport report)
            throws IOException, InterruptedException {
        // The compiler threads would come and go otherwise.
        try (Fork gatun = NetworkSuite.gatun("-XX:-UseDynamicNumberOfCompilerThreads");
                Peers peers = new Peers(options, List.of(Peers.ONNX_RUNTIME)); Folder folder = new Folder()) {
            Map<String, String> shared = Map.of("threads", "shared");
            double extra = extraThreads(gatun, new Order("models/timeseries-cnn", options.threads(), folder.path(),
                    shared));
            Map<String, Double> figures = new LinkedHashMap<>();
            for (Kind kind : peers.kinds()) {
                figures.merge(kind.peer(), extraThreads(peers.fork(kind), new Order("models/timeseries-cnn",
                        options.threads(), folder.path(), kind.options())), Math::min);
            }
            report.row(Row.of(name + ", threads beyond one session's", options.threads(), "threads", extra, figures,
                    Double.NaN));
        }
    }

    private static double extraThreads(Fork side, Order order) throws InterruptedException {
        side.open(order);
        Thread.sleep(500);
        double one = side.threads();
        for (int i = 1; i < SESSIONS; i++) {
            side.open(order);
        }
        Thread.sleep(500);
        return side.threads() - one;
    }

    /// A session in a JVM that has done other things before, beside one in a new JVM.
    private static void polluted(String model, BenchOptions options, BenchReport report)
            throws IOException, InterruptedException {
        String path = "models/" + model;
        try (Fork clean = NetworkSuite.gatun(); Fork dirty = NetworkSuite.gatun(); Folder folder = new Folder()) {
            for (String other : POLLUTION) {
                if (!other.equals(path)) {
                    dirty.open(new Order(other, options.threads(), folder.path(), Map.of()));
                    dirty.run(0.2, Integer.MAX_VALUE);
                    dirty.closeWork();
                }
            }
            List<Fork> sides = new ArrayList<>();
            for (Fork side : List.of(clean, dirty)) {
                side.open(new Order(path, options.threads(), folder.path(), Map.of()));
                sides.add(side);
            }
            Outcome[] outcomes = Contest.run(sides, options.seconds(), List.of("clean", "polluted")).values()
                    .toArray(Outcome[]::new);
            Row row = new Row(model + " polluted", options.threads(), "ms", outcomes[1].latency().p50() / 1000,
                    Map.of(), outcomes[1].ratioTo(outcomes[0]), outcomes[1].bytesPerCall(), Map.of("clean",
                            outcomes[0].latency(), "polluted", outcomes[1].latency()),
                    Map.of(), Map.of());
            report.row(row.with("clean", outcomes[0].latency().p50() / 1000));
        }
    }
}
