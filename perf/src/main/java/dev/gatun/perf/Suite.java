package dev.gatun.perf;

import java.io.IOException;

/// One kind of work that is measured beside its peers.
public interface Suite {
    /// What the command line calls it.
    String name();

    /// One line for the help.
    String summary();

    /// True when the native engines of the module `peers` take part.
    default boolean usesPeers() {
        return false;
    }

    /// Measures every row that the options want and reports it at once.
    void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException;
}
