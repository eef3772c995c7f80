package dev.gatun.perf;

import dev.gatun.perf.measure.Distribution;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The rows of a benchmark: a table as they come, JSON at the end.
public final class BenchReport {
    private static final int NAME_WIDTH = 32;

    private final PrintStream out;
    private final String suite;
    private final Machine machine;
    private final List<Row> rows = new ArrayList<>();
    private List<String> columns = List.of();
    private boolean failed;

    /// For the rows of `suite`, printed to `out` as they come.
    BenchReport(PrintStream out, String suite, Machine machine) {
        this.out = out;
        this.suite = suite;
        this.machine = machine;
    }

    /// Says on what this is measured.
    void head(BenchOptions options) {
        out.printf(Locale.ROOT, "# %s, %d processors, JDK %s, commit %s, %d thread%s%n", machine.processor(),
                machine.processors(), machine.jdk(), machine.commit(), options.threads(),
                options.threads() == 1 ? "" : "s");
    }

    /// A line of its own.
    void say(String line) {
        out.println("# " + line);
    }

    /// A side whose answer is wrong: nothing of it is timed, and the run fails.
    void wrong(String name, String message) {
        failed = true;
        out.println(name + ": WRONG ANSWER: " + message);
    }

    /// A row that could not be measured at all; the run fails.
    void broken(String name, String message) {
        failed = true;
        out.println(name + ": NOT MEASURED: " + message);
    }

    boolean failed() {
        return failed;
    }

    List<Row> rows() {
        return rows;
    }

    /// The titles of the columns, one per peer.
    void titles(String what, List<String> peers) {
        columns = List.copyOf(peers);
        out.printf("%-" + NAME_WIDTH + "s %7s %-8s %11s", "# " + what, "threads", "unit", "gatun");
        peers.forEach(p -> out.printf(" %11s", p));
        out.printf(" %7s %8s%n", "ratio", "B/call");
    }

    /// One row and, where latencies were measured, one line below it for each side.
    void row(Row row) {
        rows.add(row);
        out.printf(Locale.ROOT, "%-" + NAME_WIDTH + "s %7d %-8s %11s", row.name(), row.threads(), row.unit(),
                figure(row.gatun()));
        columns.forEach(peer -> out.printf(" %11s",
                row.absent().containsKey(peer) ? "absent" : figure(row.peers().getOrDefault(peer, Double.NaN))));
        out.printf(Locale.ROOT, " %7s %8s%n", Double.isNaN(row.ratio()) ? "-"
                : String.format(Locale.ROOT, "%.3f",
                        row.ratio()),
                figure(row.allocBytes()));
        row.latency().forEach(this::line);
        row.absent().forEach((peer, reason) -> out.printf("    %s absent: %s%n", peer, reason));
        out.flush();
    }

    private void line(String side, Distribution d) {
        out.printf(Locale.ROOT, "    %-26s p50 %s  p99 %s  p99.9 %s  max %s ms  (%,d calls)%n", side, millis(d.p50()),
                millis(d.p99()), millis(d.p999()), millis(d.max()), d.calls());
    }

    private static String millis(double micros) {
        return figure(micros / 1000);
    }

    /// Four digits, as many of them behind the point as fit; a dash for what was not measured.
    static String figure(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        if (value == 0) {
            return "0";
        }
        int whole = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%." + Math.clamp(4 - whole, 0, 6) + "f", value);
    }

    /// Writes all rows as one JSON array, each with the machine and the commit it was measured at.
    void write(Path file) throws IOException {
        Files.writeString(file, json());
    }

    String json() {
        return "[\n" + String.join(",\n", rows.stream().map(row -> {
            Row whole = row.with("suite", suite);
            for (Map.Entry<String, String> fact : machine.facts().entrySet()) {
                whole = whole.with(fact.getKey(), fact.getValue());
            }
            return whole.toJson();
        }).toList()) + "\n]\n";
    }
}
