package dev.gatun.perf;

import java.io.IOException;

/// One kind of work that is measured beside its peers.
public interface Suite {
    /// What the command line calls it.
    String name();

    /// One line for the help.
    String summary();

    /// Measures every row that the options want and reports it at once.
    void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException;
}
