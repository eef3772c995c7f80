package dev.gatun.perf.report;

import dev.gatun.perf.report.BarChart.Bar;
import dev.gatun.perf.report.BarChart.Group;
import dev.gatun.perf.report.LineChart.Curve;
import dev.gatun.perf.report.Roofline.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The parts of the report, each from the rows it concerns; empty where there are none.
final class Sections {
    private static final List<String> PERCENTILES = List.of("p50", "p90", "p99", "p999", "p9999", "max");
    private static final List<String> PERCENTILE_TITLES = List.of("p50", "p90", "p99", "p99.9", "p99.99", "max");
    private static final List<String> TIMED = List.of("gemm", "conv", "layers", "models", "training");
    private static final String GATUN = "gatun";

    private Sections() {}

    /// How often Gatun is ahead, and everything in which a peer is.
    static String summary(List<Measured> rows) {
        List<List<String>> lines = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        for (Map.Entry<String, List<Measured>> part : bySuiteAndThreads(rows).entrySet()) {
            List<Measured> compared = part.getValue().stream().filter(r -> Double.isFinite(r.ratio())).toList();
            if (compared.isEmpty()) {
                continue;
            }
            long ahead = compared.stream().filter(r -> r.ratio() >= 1).count();
            double mean = Math.exp(compared.stream().mapToDouble(r -> Math.log(Math.max(r.ratio(), 1e-9))).average()
                    .orElse(0));
            lines.add(List.of(part.getKey(), Integer.toString(compared.size()), Long.toString(ahead),
                    Long.toString(compared.size() - ahead), Html.figure(mean)));
            groups.add(new Group(part.getKey(), List.of(ratioBar(mean))));
        }
        if (lines.isEmpty()) {
            return "";
        }
        String chart = Html.figure("Geometric mean of the ratios to the best peer; longer is better for Gatun",
                BarChart.draw("geometric means", groups, 1),
                Html.table(List.of(" suite", "compared", "Gatun ahead", "peer ahead", "mean ratio"), lines));
        return section("At a glance",
                "A ratio of 1.2 says that the best peer takes 1.2 times as long as Gatun; below 1 "
                        + "the peer is ahead.",
                chart + behind(rows));
    }

    private static String behind(List<Measured> rows) {
        List<List<String>> lines = rows.stream().filter(r -> r.ratio() < 1)
                .sorted((a, b) -> Double.compare(a.ratio(), b.ratio()))
                .map(r -> List.of(r.suite(), r.name(), Integer.toString(r.threads()), r.unit(), Html.figure(r.gatun()),
                        r.bestPeer().isEmpty() ? "itself" : r.bestPeer(),
                        Html.figure(r.bestPeer().isEmpty() ? r.number("clean") : r.bestFigure()),
                        Html.figure(r.ratio())))
                .toList();
        return lines.isEmpty() ? "<p>No peer is ahead anywhere.</p>\n"
                : "<h3>Where a peer is ahead</h3>\n" + Html.table(List.of(" suite", " what", "threads", " unit",
                        "Gatun", " best", "its figure", "ratio"), lines);
    }

    /// A chart of ratios for each suite and number of threads.
    static String ratios(List<Measured> rows) {
        StringBuilder out = new StringBuilder();
        bySuiteAndThreads(rows).forEach((part, all) -> {
            List<Measured> compared = all.stream().filter(r -> TIMED.contains(r.suite())).toList();
            if (compared.isEmpty()) {
                return;
            }
            List<Group> groups = compared.stream().map(r -> new Group(r.name(), List.of(ratioBar(r.ratio())))).toList();
            out.append(Html.figure(part + ": ratio to the best peer", BarChart.draw(part, groups, 1),
                    figures(compared)));
        });
        return section("Beside the peers", "Each side in a JVM of its own, timed in turns within one run, the answers "
                + "compared before. Times are medians. A bar right of the line: Gatun is ahead.", out.toString());
    }

    private static Bar ratioBar(double ratio) {
        return new Bar(ratio >= 1 ? "ahead" : "behind", ratio, Double.isFinite(ratio) ? Html.figure(ratio) + "×"
                : "no peer");
    }

    /// The rows as a table with one column per peer.
    private static String figures(List<Measured> rows) {
        Set<String> peers = new LinkedHashSet<>();
        rows.forEach(r -> peers.addAll(r.peers().keySet()));
        rows.forEach(r -> peers.addAll(r.absent().keySet()));
        List<String> titles = new ArrayList<>(List.of(" what", "threads", " unit", "Gatun"));
        titles.addAll(peers);
        titles.addAll(List.of("ratio", "Gatun B/call"));
        List<List<String>> lines = new ArrayList<>();
        Map<String, Set<String>> reasons = new LinkedHashMap<>();
        for (Measured r : rows) {
            List<String> line = new ArrayList<>(List.of(r.name(), Integer.toString(r.threads()), r.unit(),
                    Html.figure(r.gatun())));
            for (String peer : peers) {
                line.add(r.absent().containsKey(peer) ? "absent"
                        : Html.figure(r.peers().getOrDefault(peer,
                                Double.NaN)));
            }
            r.absent().forEach((peer, reason) -> reasons.computeIfAbsent(peer + " absent: " + reason,
                    _ -> new LinkedHashSet<>()).add(r.name()));
            line.add(Html.figure(r.ratio()));
            line.add(Html.figure(r.allocBytes()));
            lines.add(line);
        }
        StringBuilder notes = new StringBuilder();
        reasons.forEach((reason, names) -> notes.append("<p class=\"note\">").append(Html.escape(reason)).append(" (")
                .append(Html.escape(String.join(", ", names))).append(")</p>\n"));
        return Html.table(titles, lines) + notes;
    }

    /// How the calls of each whole network are spread.
    static String latencies(List<Measured> rows) {
        StringBuilder out = new StringBuilder();
        for (Measured r : rows) {
            if (!r.suite().equals("models") || r.latency().isEmpty()) {
                continue;
            }
            String title = r.name() + ", " + threads(r.threads()) + ": milliseconds per call";
            List<Curve> curves = new ArrayList<>();
            List<List<String>> lines = new ArrayList<>();
            r.latency().forEach((side, spread) -> {
                double[] values = PERCENTILES.stream().mapToDouble(p -> spread.getOrDefault(p, Double.NaN) / 1000)
                        .toArray();
                curves.add(new Curve(side, values));
                List<String> line = new ArrayList<>(List.of(side));
                Arrays.stream(values).forEach(v -> line.add(Html.figure(v)));
                line.add(Html.figure(spread.getOrDefault("calls", Double.NaN)));
                lines.add(line);
            });
            List<String> titles = new ArrayList<>(List.of(" side"));
            titles.addAll(PERCENTILE_TITLES);
            titles.add("calls");
            out.append(Html.figure(title, LineChart.draw(title, PERCENTILE_TITLES, curves), Html.table(titles, lines)));
        }
        return section("Latency", "Percentiles for which enough calls were measured; the last point is the longest "
                + "call.", out.isEmpty() ? "" : "<div class=\"grid\">" + out + "</div>");
    }

    /// Operations per second below the measured ceilings.
    static String roofline(List<Measured> rows) {
        StringBuilder out = new StringBuilder();
        for (int threads : rows.stream().mapToInt(Measured::threads).distinct().sorted().toArray()) {
            double peak = machine(rows, "peak", threads);
            double bandwidth = machine(rows, "memory", threads);
            List<Measured> known = rows.stream().filter(r -> r.threads() == threads && r.number("flops") > 0
                    && r.number("bytes") > 0 && List.of("gemm", "conv", "models").contains(r.suite())).toList();
            if (known.isEmpty()) {
                continue;
            }
            List<Point> points = new ArrayList<>();
            List<List<String>> lines = new ArrayList<>();
            for (Measured r : known) {
                double gatun = rate(r, r.gatun());
                double peer = rate(r, r.bestFigure());
                Point p = new Point(points.size() + 1, r.name(), r.number("flops") / r.number("bytes"), gatun, peer);
                points.add(p);
                lines.add(List.of(Integer.toString(p.number()), r.suite() + " " + r.name(), Html.figure(p.intensity()),
                        Html.figure(gatun), Html.figure(100 * gatun / peak), r.bestPeer(), Html.figure(peer)));
            }
            String title = "Roofline, " + threads(threads);
            out.append(Html.figure(title, Roofline.draw(title, points, peak, bandwidth), Html.table(List.of("no.",
                    " what", "FLOP/byte", "Gatun GFLOP/s", "% of peak", " best peer", "its GFLOP/s"), lines)));
        }
        return section("Share of the machine", "Operations per second over operations per byte that must move at least "
                + "once (weights, input, output). The operations are those of the direct method, so Winograd's "
                + "convolutions may stand above the peak; what stands above the line of memory works from the caches.",
                out.toString());
    }

    private static double rate(Measured r, double figure) {
        return r.unit().equals("GFLOP/s") ? figure : r.number("flops") / figure / 1e6;
    }

    private static double machine(List<Measured> rows, String begins, int threads) {
        return rows.stream().filter(r -> r.suite().equals("machine") && r.name().startsWith(begins)
                && r.threads() == threads).mapToDouble(Measured::gatun).findFirst().orElse(Double.NaN);
    }

    /// How many times faster more threads are than one.
    static String scaling(List<Measured> rows) {
        List<Group> groups = new ArrayList<>();
        List<List<String>> lines = new ArrayList<>();
        int most = rows.stream().filter(r -> TIMED.contains(r.suite())).mapToInt(Measured::threads).max().orElse(1);
        for (Measured one : rows) {
            if (one.threads() != 1 || !TIMED.contains(one.suite())) {
                continue;
            }
            rows.stream().filter(r -> r.threads() == most && most > 1 && r.suite().equals(one.suite())
                    && r.name().equals(one.name())).findFirst().ifPresent(many -> {
                        List<Bar> bars = new ArrayList<>();
                        bars.add(factor(GATUN, one, one.gatun(), many.gatun()));
                        one.peers().forEach((peer, figure) -> bars.add(factor(peer, one, figure,
                                many.peers().getOrDefault(peer, Double.NaN))));
                        if (one.suite().equals("models") || one.suite().equals("training")) {
                            groups.add(new Group(one.name(), bars));
                        }
                        lines.add(List.of(one.suite() + " " + one.name(), String.join(", ",
                                bars.stream().map(b -> b.side() + " " + b.label()).toList())));
                    });
        }
        return lines.isEmpty() ? ""
                : section("Threads", "Speed on " + most + " threads over the speed on one.",
                        Html.figure("Whole networks and training: speed on " + most + " threads over one",
                                BarChart.draw("thread scaling", groups, most),
                                Html.table(List.of(" what", " factor"), lines)));
    }

    private static Bar factor(String side, Measured row, double one, double many) {
        double factor = row.lowerIsBetter() ? one / many : many / one;
        return new Bar(side, factor, Html.figure(factor) + "×");
    }

    /// Steps per second and memory.
    static String training(List<Measured> rows) {
        StringBuilder out = new StringBuilder();
        bySuiteAndThreads(rows.stream().filter(r -> r.suite().equals("training")).toList()).forEach((part, all) -> {
            List<Group> groups = new ArrayList<>();
            List<List<String>> lines = new ArrayList<>();
            for (Measured r : all) {
                List<Bar> bars = new ArrayList<>();
                for (String side : List.of(GATUN, "libtorch")) {
                    double steps = r.number(side + "_steps_per_second");
                    if (Double.isFinite(steps)) {
                        bars.add(new Bar(side, steps, Html.figure(steps)));
                        lines.add(List.of(r.name(), side, Html.figure(steps), Html.figure(1000 / steps),
                                Html.figure(r.number(side + "_peak_mb"))));
                    }
                }
                groups.add(new Group(r.name(), bars));
            }
            out.append(Html.figure(part + ": steps per second", BarChart.draw(part, groups, Double.NaN),
                    Html.table(List.of(" network", " side", "steps/s", "ms/step", "peak memory MB"), lines)));
        });
        return section("Training", "Forward, loss, backward and AdamW, the same first weights and batch on both sides. "
                + "Memory is the peak of the whole process.", out.toString());
    }

    /// Fresh processes, and sessions under pressure: grouped bars of the figures themselves.
    static String plain(String title, String about, String suite, List<Measured> rows) {
        StringBuilder out = new StringBuilder();
        Map<String, List<Measured>> byUnit = new LinkedHashMap<>();
        rows.stream().filter(r -> r.suite().equals(suite))
                .forEach(r -> byUnit.computeIfAbsent(r.unit() + ", " + threads(r.threads()), _ -> new ArrayList<>())
                        .add(r));
        byUnit.forEach((unit, all) -> {
            List<Group> groups = new ArrayList<>();
            for (Measured r : all) {
                List<Bar> bars = new ArrayList<>(List.of(new Bar(GATUN, r.gatun(), Html.figure(r.gatun()))));
                if (Double.isFinite(r.number("clean"))) {
                    bars.add(new Bar("clean", r.number("clean"), Html.figure(r.number("clean"))));
                }
                r.peers().forEach((peer, figure) -> bars.add(new Bar(peer, figure, Html.figure(figure))));
                groups.add(new Group(r.name(), bars));
            }
            out.append(Html.figure(title + ", " + unit, BarChart.draw(title + ", " + unit, groups, Double.NaN),
                    figures(all)));
        });
        return section(title, about, out.toString());
    }

    /// Bytes on the Java heap.
    static String allocation(List<Measured> rows) {
        List<Group> groups = new ArrayList<>();
        List<List<String>> lines = new ArrayList<>();
        for (Measured r : rows) {
            if (r.suite().equals("models") && Double.isFinite(r.allocBytes())) {
                List<Bar> bars = new ArrayList<>(List.of(new Bar(GATUN, r.allocBytes(), Html.figure(r.allocBytes()))));
                for (String peer : r.peers().keySet()) {
                    double bytes = r.number(peer + "_alloc_bytes");
                    if (Double.isFinite(bytes)) {
                        bars.add(new Bar(peer, bytes, Html.figure(bytes)));
                    }
                }
                String name = r.name() + ", " + threads(r.threads());
                groups.add(new Group(name, bars));
                bars.forEach(bar -> lines.add(List.of(name, bar.side(), bar.label())));
            }
        }
        return lines.isEmpty() ? ""
                : section("Allocation", "Bytes on the Java heap per call of the calling thread; "
                        + "the peers' native memory is not counted.",
                        Html.figure("Bytes per call",
                                BarChart.draw("bytes per call", groups, Double.NaN),
                                Html.table(List.of(" network", " side", "bytes per call"), lines)));
    }

    /// Accuracy of the functions.
    static String accuracy(List<Measured> rows) {
        List<Measured> functions = rows.stream().filter(r -> r.unit().equals("ulp")).toList();
        if (functions.isEmpty()) {
            return "";
        }
        List<Group> groups = functions.stream().map(r -> new Group(r.name().replace("ulp ", ""),
                List.of(new Bar(GATUN, r.gatun(), Html.figure(r.gatun()))))).toList();
        return section("Accuracy of the functions", "Largest distance from the exact value in units of the last place, "
                + "F32, over samples of every exponent and both signs; half a unit is correct rounding.",
                Html.figure("Units in the last place", BarChart.draw("units in the last place", groups, 2),
                        Html.table(List.of(" function", "largest error"), functions.stream()
                                .map(r -> List.of(r.name().replace("ulp ", ""), Html.figure(r.gatun()))).toList())));
    }

    private static Map<String, List<Measured>> bySuiteAndThreads(List<Measured> rows) {
        Map<String, List<Measured>> parts = new LinkedHashMap<>();
        rows.forEach(r -> parts.computeIfAbsent(r.suite() + ", " + threads(r.threads()), _ -> new ArrayList<>())
                .add(r));
        return parts;
    }

    private static String threads(int count) {
        return count == 1 ? "1 thread" : count + " threads";
    }

    private static String section(String title, String about, String content) {
        return content.isEmpty() ? ""
                : "<section><h2>" + Html.escape(title) + "</h2>\n<p>" + Html.escape(about)
                        + "</p>\n" + content + "</section>\n";
    }
}
