package dev.gatun.perf;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The rows of a benchmark: a table as they come, JSON at the end.
public final class BenchReport {
    private final PrintStream out;
    private final List<String> rows = new ArrayList<>();
    private boolean failed;

    BenchReport(PrintStream out) {
        this.out = out;
    }

    /// Says on what this is measured.
    void head(BenchOptions options) {
        out.printf(
                Locale.ROOT, "# %s, JDK %s, %d processors, %d thread%s%n", processor(),
                System.getProperty("java.vm.version"), Runtime.getRuntime().availableProcessors(), options.threads(),
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

    boolean failed() {
        return failed;
    }

    /// The titles of the columns.
    void titles(String unit, List<String> peers) {
        out.printf("%-28s %8s %10s", "# " + unit, "threads", "gatun");
        peers.forEach(p -> out.printf(" %10s", p));
        out.printf(" %7s%n", "ratio");
    }

    /// One row, more being better: the ratio is Gatun's figure over the best peer's.
    void row(String name, int threads, String unit, double gatun, Map<String, Double> peers) {
        double best = peers.values().stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        out.printf(Locale.ROOT, "%-28s %8d %10.2f", name, threads, gatun);
        peers.values().forEach(p -> out.printf(Locale.ROOT, " %10.2f", p));
        out.printf(Locale.ROOT, " %7s%n", Double.isNaN(best) ? "-" : String.format(Locale.ROOT, "%.3f", gatun / best));
        Map<String, String> members = new LinkedHashMap<>();
        peers.forEach((peer, value) -> members.put(peer, number(value)));
        StringBuilder json = new StringBuilder();
        json.append("{\"name\":\"").append(name).append("\",\"threads\":").append(threads);
        json.append(",\"unit\":\"").append(unit).append("\",\"gatun\":").append(number(gatun)).append(",\"peers\":{");
        String comma = "";
        for (Map.Entry<String, String> member : members.entrySet()) {
            json.append(comma).append('"').append(member.getKey()).append("\":").append(member.getValue());
            comma = ",";
        }
        json.append("},\"ratio\":").append(Double.isNaN(best) ? "null" : number(gatun / best)).append('}');
        rows.add(json.toString());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /// Writes all rows as one JSON array.
    void write(Path file) throws IOException {
        Files.writeString(file, "[\n" + String.join(",\n", rows) + "\n]\n");
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }
}
