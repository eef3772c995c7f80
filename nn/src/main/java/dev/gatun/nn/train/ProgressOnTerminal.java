package dev.gatun.nn.train;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// A bar that is drawn over itself and replaced by the epoch's line.
final class ProgressOnTerminal implements Progress, ProgressBarConsumer {
    private static final int WIDTH = 100;

    private final PrintStream out;
    private @Nullable ProgressBar bar;

    ProgressOnTerminal(PrintStream out) {
        this.out = out;
    }

    @Override
    public void epochStarts(int epoch, int epochs, int steps) {
        // With a consumer of its own the library neither asks the terminal for its width nor loads native code.
        bar = new ProgressBarBuilder()
                .setTaskName("epoch " + epoch + "/" + epochs)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(100)
                .setConsumer(this)
                .build();
    }

    @Override
    public void stepDone(double loss) {
        if (bar != null) {
            bar.step();
            bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f", loss));
        }
    }

    @Override
    public void epochEnds(String line) {
        if (bar != null) {
            bar.close();
            bar = null;
        }
        out.println("\r" + " ".repeat(WIDTH) + "\r" + line);
    }

    @Override
    public int getMaxRenderedLength() {
        return WIDTH;
    }

    @Override
    public void accept(String rendered) {
        out.print("\r" + rendered);
        out.flush();
    }

    @Override
    public void close() {}
}
