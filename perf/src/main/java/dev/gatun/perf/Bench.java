package dev.gatun.perf;

import java.io.IOException;
import java.util.List;

/// `bench SUITE [OPTIONS]`: measures Gatun in turn with its peers after comparing the answers. Each kind of work is one
/// [Suite].
public final class Bench {
    static final List<Suite> SUITES = List.of(new GemmSuite(),
            new NetworkSuite("conv", "single convolutions beside ONNX Runtime and libtorch"),
            new NetworkSuite("layers", "other single layers beside ONNX Runtime and libtorch"),
            new NetworkSuite("models", "whole networks, one request at a time, beside ONNX Runtime and libtorch"),
            new TrainingSuite(), new SessionSuite(), new StartSuite(), new MachineSuite());

    private Bench() {}

    /// Runs one suite. Exit codes: 0 done, 1 a wrong answer, a row that could not be measured or an unwritable file, 2 a
    /// wrong command line.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 0 || List.of(arguments).contains("--help")) {
            help();
            return;
        }
        BenchOptions options;
        Suite suite;
        try {
            suite = suite(arguments[0]);
            options = BenchOptions.parse(arguments, 1);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + "; see --help");
            System.exit(2);
            return;
        }
        BenchReport report = new BenchReport(System.out, suite.name(), Machine.here(options.home()));
        report.head(options);
        suite.run(options, report);
        if (options.json() != null) {
            report.write(options.json());
        }
        // Peers leave threads behind.
        System.exit(report.failed() ? 1 : 0);
    }

    /// The suite of that name; throws [IllegalArgumentException] that names the nearest.
    static Suite suite(String name) {
        List<String> names = SUITES.stream().map(Suite::name).toList();
        return SUITES.stream().filter(s -> s.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("bench: unknown suite: " + name
                        + Nearest.hint(name, names) + "; there are " + String.join(", ", names)));
    }

    private static void help() {
        System.out.println(
                "usage: bench SUITE [--threads N] [--seconds S] [--only REGEX] [--json FILE] [--no-peers]\n");
        for (Suite suite : SUITES) {
            System.out.printf("  %-8s %s%n", suite.name(), suite.summary());
        }
        System.out.println(
                """

                --threads N    threads for every side; all cores when left out
                --seconds S    time measured per row, all sides together; 2 when left out
                --only REGEX   only rows whose name it matches somewhere
                --json FILE    also write the rows to FILE
                --no-peers     without ONNX Runtime and libtorch""");
    }
}
