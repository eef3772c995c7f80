package dev.gatun.nn.train;

import java.io.Console;
import java.io.PrintStream;

/// Shows how far the training is.
public interface Progress {
    /// An epoch of `steps` steps begins.
    void epochStarts(int epoch, int epochs, int steps);

    /// A step is done; `loss` is the mean of the epoch so far.
    void stepDone(double loss);

    /// The epoch is done; `line` says how it went.
    void epochEnds(String line);

    /// Shows nothing.
    static Progress none() {
        return new ProgressLines(null);
    }

    /// One line per epoch.
    static Progress lines(PrintStream out) {
        return new ProgressLines(out);
    }

    /// A moving bar when a person watches the terminal, else one line per epoch.
    static Progress terminal() {
        Console console = System.console();
        boolean watched = console != null && console.isTerminal();
        return watched ? new ProgressOnTerminal(System.out) : lines(System.out);
    }
}
