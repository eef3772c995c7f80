package dev.gatun.perf.report;

import dev.gatun.perf.Arguments;
import dev.gatun.perf.Bench;
import dev.gatun.perf.fork.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `report`: runs the suites of `bench`, each in a JVM of its own, and draws one page from their rows; or draws the rows
/// of earlier runs.
public final class Report {
    private static final String HELP = """
            usage: ./gatun report [--seconds S] [--out FILE] [--from DIR] [--json DIR] [--no-peers]

            Runs all suites of `bench`, on one thread and on all cores, and writes one HTML page that needs no network.

              --seconds S   time measured per row, all sides together; 2 when left out
              --out FILE    the page; target/report.html when left out
              --json DIR    where the rows of the suites go; target/report when left out
              --from DIR    measure nothing: draw the rows in the *.json files of DIR
              --no-peers    without ONNX Runtime and libtorch
            """;

    /// A suite and whether it is run on one thread as well.
    private record Part(String suite, boolean alone) {}

    private static final String MACHINE = "machine";
    private static final List<Part> PARTS = List.of(new Part(MACHINE, true), new Part("gemm", true),
            new Part("conv", true), new Part("layers", true), new Part("models", true), new Part("training", true),
            new Part("start", false), new Part("session", false));

    private Report() {}

    /// Exit codes: 0 the page is written, 1 a suite failed (the page shows what there is), 2 a wrong command line.
    public static void main(String[] words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(words));
        if (all.contains("--help")) {
            System.out.print(HELP);
            return;
        }
        boolean peers = !all.remove("--no-peers");
        Arguments arguments;
        try {
            arguments = Arguments.parse(all, List.of("--seconds", "--out", "--from", "--json"));
        } catch (Arguments.UsageException wrong) {
            System.err.println("report: " + wrong.getMessage() + "; see --help");
            System.exit(2);
            return;
        }
        Path out = Path.of(arguments.text("--out").orElse("target/report.html"));
        Path from = Path.of(arguments.text("--from").or(() -> arguments.text("--json")).orElse("target/report"));
        boolean good = true;
        if (arguments.text("--from").isEmpty()) {
            Files.createDirectories(from);
            good = measure(from, arguments.text("--seconds").orElse("2"), peers);
        } else if (!Files.isDirectory(from)) {
            System.err.println("report: no such folder: " + from);
            System.exit(2);
            return;
        }
        List<Measured> rows = Measured.readAll(from);
        if (rows.isEmpty()) {
            System.err.println("report: no rows in " + from + "; ./gatun bench SUITE --json FILE writes some");
            System.exit(1);
            return;
        }
        if (out.toAbsolutePath().getParent() != null) {
            Files.createDirectories(out.toAbsolutePath().getParent());
        }
        Files.writeString(out, Page.of(rows));
        System.out.println("written to " + out + ": " + rows.size() + " rows");
        if (!good) {
            System.exit(1);
        }
    }

    private static boolean measure(Path folder, String seconds, boolean peers)
            throws IOException, InterruptedException {
        boolean good = true;
        int cores = Runtime.getRuntime().availableProcessors();
        for (Part part : PARTS) {
            for (int threads : part.alone() && cores > 1 ? new int[] {1, cores} : new int[] {cores}) {
                good &= bench(part.suite(), threads, folder.resolve(part.suite() + "-" + threads + ".json"), seconds,
                        peers);
            }
        }
        return good;
    }

    private static boolean bench(String suite, int threads, Path file, String seconds, boolean peers)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("--enable-native-access="
                + (System.getProperty("jdk.module.path") == null ? "ALL-UNNAMED" : "dev.gatun.perf")));
        String home = System.getProperty("gatun.home");
        if (home != null) {
            options.add("-Dgatun.home=" + home);
        }
        List<String> command = JavaCommand.like(Bench.class.getName(), options);
        command.addAll(List.of(suite, "--threads", Integer.toString(threads), "--seconds", seconds, "--json",
                file.toString()));
        if (!peers) {
            command.add("--no-peers");
        }
        if (suite.equals(MACHINE) && threads > 1) {
            // The accuracy of the functions does not depend on threads.
            command.addAll(List.of("--only", "peak|memory"));
        }
        System.out.println("\n## " + suite + " on " + threads + (threads == 1 ? " thread" : " threads"));
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
