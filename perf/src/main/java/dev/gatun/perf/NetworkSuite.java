package dev.gatun.perf;

import dev.gatun.perf.Contest.Outcome;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.JavaCommand;
import dev.gatun.perf.fork.Work.Order;
import dev.gatun.perf.measure.Distribution;
import dev.gatun.perf.work.Cases;
import dev.gatun.perf.work.GatunFork;
import dev.gatun.perf.work.NetworkCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    public boolean usesPeers() {
        return true;
    }

    @Override
    public void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException {
        report.titles(name + ", p50", Peers.NAMES);
        try (Peers peers = new Peers(options, Peers.NAMES)) {
            for (NetworkCase network : Cases.of(name)) {
                if (options.wants(network.name())) {
                    try (Folder folder = new Folder()) {
                        measure(network, peers, folder.path(), options, report);
                    } catch (ForkException failure) {
                        report.broken(network.name(), String.valueOf(failure.getMessage()));
                    }
                }
            }
        }
    }

    /// Gatun's process, which knows all cases by name.
    static Fork gatun() {
        return Fork.start("gatun", JavaCommand.like(GatunFork.class.getName(), List.of()), Map.of());
    }

    private void measure(NetworkCase network, Peers peers, Path folder, BenchOptions options, BenchReport report)
            throws InterruptedException {
        try (Fork gatun = gatun()) {
            Order order = new Order(name + "/" + network.name(), options.threads(), folder, Map.of());
            Map<String, String> facts = gatun.open(order);
            float[] answer = gatun.answer(folder.resolve("gatun.out"));
            List<Fork> sides = new ArrayList<>(List.of(gatun));
            List<Peers.Kind> opened = new ArrayList<>();
            Map<String, String> absent = new LinkedHashMap<>(peers.absent());
            for (Peers.Kind kind : peers.kinds()) {
                if (facts.containsKey("unexported")) {
                    absent.put(kind.peer(), "no ONNX file: " + facts.get("unexported"));
                    continue;
                }
                Fork side = peers.fork(kind);
                try {
                    side.open(new Order(order.name(), order.threads(), folder, kind.options()));
                } catch (ForkException failure) {
                    absent.put(kind.peer(), String.valueOf(failure.getMessage()));
                    peers.drop(kind);
                    continue;
                }
                opened.add(kind);
                String difference = Answers.difference(answer, side.answer(folder.resolve("peer.out")));
                if (difference.isEmpty()) {
                    sides.add(side);
                } else {
                    report.wrong(network.name(), kind.variant() + ": " + difference);
                    absent.put(kind.peer(), "another answer");
                }
            }
            Map<String, Outcome> outcomes = Contest.run(sides, options.seconds());
            opened.forEach(kind -> peers.fork(kind).closeWork());
            report.row(row(network.name(), options.threads(), outcomes, peers.kinds(), absent)
                    .with("flops", number(facts, "flops")).with("bytes", number(facts, "bytes")));
        }
    }

    private static double number(Map<String, String> facts, String key) {
        return Double.parseDouble(facts.getOrDefault(key, "NaN"));
    }

    static Row row(String name, int threads, Map<String, Outcome> outcomes, List<Peers.Kind> kinds,
            Map<String, String> absent) {
        Outcome gatun = outcomes.get("gatun");
        if (gatun == null) {
            throw new IllegalStateException("bench: Gatun was not measured");
        }
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
