package dev.gatun.perf;

import java.io.IOException;
import java.util.List;

/// `bench SUITE [OPTIONS]`: measures Gatun in turn with its peers, in one JVM and one run, after comparing the answers.
/// Each kind of work is one [Suite].
public final class Bench {
    static final List<Suite> SUITES = List.of(new GemmSuite());

    private Bench() {}

    /// Runs one suite. Exit codes: 0 done, 1 a wrong answer or an unwritable file, 2 a wrong command line.
    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0 || List.of(arguments).contains("--help")) {
            help();
            return;
        }
        BenchOptions options;
        Suite suite;
        try {
            options = BenchOptions.parse(arguments);
            suite = SUITES.stream()
                    .filter(s -> s.name().equals(arguments[0]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("bench: unknown suite: " + arguments[0]
                            + "; there are " + SUITES.stream().map(Suite::name).toList()));
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + "; see --help");
            System.exit(2);
            return;
        }
        BenchReport report = new BenchReport(System.out);
        report.head(options);
        suite.run(options, report);
        if (options.json() != null) {
            report.write(options.json());
        }
        // Peers leave threads behind.
        System.exit(report.failed() ? 1 : 0);
    }

    private static void help() {
        System.out.println("usage: bench SUITE [--threads N] [--seconds S] [--only REGEX] [--json FILE]\n");
        for (Suite suite : SUITES) {
            System.out.printf("  %-8s %s%n", suite.name(), suite.summary());
        }
        System.out.println(
                """

                --threads N    threads for every side; all cores when left out
                --seconds S    time measured per row, all sides together; 2 when left out
                --only REGEX   only rows whose name it matches somewhere
                --json FILE    also write the rows to FILE""");
    }
}
