package dev.gatun.perf;

import dev.gatun.perf.Contest.Outcome;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.work.TrainingCase;
import dev.gatun.perf.work.TrainingCases;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One step of training (forward, loss, backward, AdamW) beside PyTorch's eager operations with the same first weights
/// and the same batch. Milliseconds per step; the losses of the first steps are compared before. Peak memory is that of
/// the whole process.
final class TrainingSuite implements Suite {
    private static final double LOSS_TOLERANCE = 0.02;

    @Override
    public String name() {
        return "training";
    }

    @Override
    public String summary() {
        return "one step, forward, backward and AdamW, beside libtorch";
    }

    @Override
    public void run(BenchOptions options, BenchReport report) throws IOException, InterruptedException {
        report.titles("one training step, p50", List.of(Peers.LIBTORCH));
        for (TrainingCase training : TrainingCases.ALL) {
            if (options.wants(training.name())) {
                // New processes for each network, so that their peak memory is that of this one.
                try (Peers peers = new Peers(options, List.of(Peers.LIBTORCH));
                        LineUp lineUp = new LineUp("training/" + training.name(), options.threads(), peers, report)) {
                    measure(training, options, peers, lineUp, report);
                } catch (ForkException failure) {
                    report.broken(training.name(), String.valueOf(failure.getMessage()));
                }
            }
        }
    }

    private static void measure(TrainingCase training, BenchOptions options, Peers peers, LineUp lineUp,
            BenchReport report) throws IOException, InterruptedException {
        double[] losses = new double[lineUp.sides().size()];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = lossAfterThreeSteps(lineUp.sides().get(i));
            if (!(Math.abs(losses[i] - losses[0]) <= LOSS_TOLERANCE * Math.abs(losses[0]))) {
                report.wrong(training.name(), "the third loss of " + lineUp.sides().get(i).name() + " is " + losses[i]
                        + ", Gatun's " + losses[0]);
                return;
            }
        }
        Map<String, Outcome> outcomes = Contest.run(lineUp.sides(), options.seconds());
        Row row = NetworkSuite.row(training.name(), options.threads(), outcomes, peers.kinds(), lineUp.absent());
        StringBuilder memory = new StringBuilder(training.name()).append(": peak memory");
        for (Fork side : lineUp.sides()) {
            double megabytes = side.peakBytes() / 1e6;
            row = row.with(side.name() + "_peak_mb", megabytes)
                    .with(side.name() + "_steps_per_second", 1e6 / Contest.of(outcomes, side.name()).latency().p50());
            memory.append(String.format(Locale.ROOT, " %s %.0f MB", side.name(), megabytes));
        }
        report.row(row);
        report.say(memory.toString());
    }

    private static double lossAfterThreeSteps(Fork side) throws IOException {
        side.run(0, 1);
        try (Folder folder = new Folder()) {
            return side.answer(folder.path().resolve("losses"))[1];
        }
    }
}
