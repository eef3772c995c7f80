package dev.gatun.perf;

import dev.gatun.perf.Contest.Outcome;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.JavaCommand;
import dev.gatun.perf.measure.Distribution;
import dev.gatun.perf.work.Cases;
import dev.gatun.perf.work.GatunFork;
import dev.gatun.perf.work.NetworkCase;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Networks answering one request at a time, from a convolution alone to ResNet-50: the same weights in Gatun's session
/// and, as one ONNX file, in the native engines. Milliseconds, the median of all calls.
final class NetworkSuite implements Suite {
    private final String name;
    private final String summary;

    NetworkSuite(String name, String summary) {
        this.name = name;
        this.summary = summary;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException {
        report.titles(name + ", p50", Peers.NAMES);
        try (Peers peers = new Peers(options, Peers.NAMES)) {
            for (NetworkCase network : Cases.of(name)) {
                if (options.wants(network.name())) {
                    try (LineUp lineUp = new LineUp(name + "/" + network.name(), options.threads(), peers, report)) {
                        Map<String, Outcome> outcomes = Contest.run(lineUp.sides(), options.seconds());
                        report.row(row(network.name(), options.threads(), outcomes, peers.kinds(), lineUp.absent())
                                .with("flops", lineUp.fact("flops")).with("bytes", lineUp.fact("bytes")));
                    } catch (ForkException failure) {
                        report.broken(network.name(), String.valueOf(failure.getMessage()));
                    }
                }
            }
            peers.about().forEach(report::say);
        }
    }

    /// Gatun's process, which knows all cases by name.
    static Fork gatun(String... jvmOptions) {
        return Fork.start("gatun", JavaCommand.like(GatunFork.class.getName(), List.of(jvmOptions)), Map.of());
    }

    /// Medians in milliseconds, and the spread of all sides; a peer with several variants counts with its better one.
    static Row row(String name, int threads, Map<String, Outcome> outcomes, List<Peers.Kind> kinds,
            Map<String, String> absent) {
        Outcome gatun = Contest.of(outcomes, "gatun");
        Map<String, Outcome> best = Contest.best(outcomes, kinds);
        Map<String, Double> figures = new LinkedHashMap<>();
        best.forEach((peer, outcome) -> figures.put(peer, outcome.latency().p50() / 1000));
        double ratio = best.values().stream().mapToDouble(gatun::ratioTo).min().orElse(Double.NaN);
        Map<String, Distribution> latency = new LinkedHashMap<>();
        outcomes.forEach((side, outcome) -> latency.put(side, outcome.latency()));
        Map<String, String> missing = new LinkedHashMap<>(absent);
        missing.keySet().removeAll(figures.keySet());
        Row row = new Row(name, threads, "ms", gatun.latency().p50() / 1000, figures, ratio, gatun.bytesPerCall(),
                latency, missing, Map.of());
        for (Map.Entry<String, Outcome> peer : best.entrySet()) {
            row = row.with(peer.getKey() + "_alloc_bytes", peer.getValue().bytesPerCall());
        }
        return row;
    }
}
