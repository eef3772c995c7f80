package dev.gatun.nn.train;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/// One line per epoch.
final class ProgressLines implements Progress {
    private final @Nullable PrintStream out;

    ProgressLines(@Nullable PrintStream out) {
        this.out = out;
    }

    @Override
    public void epochStarts(int epoch, int epochs, int steps) {}

    @Override
    public void stepDone(double loss) {}

    @Override
    public void epochEnds(String line) {
        if (out != null) {
            out.println(line);
        }
    }
}
