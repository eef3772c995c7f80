package dev.gatun.nn.train;

import dev.gatun.nn.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What a training run did, epoch by epoch.
public record History(List<Epoch> epochs) {
    /// One epoch (1, 2, …). Accuracies are NaN when the targets are no class labels, validation figures when there is no
    /// validation data.
    public record Epoch(int number, double learningRate, double trainLoss, double trainAccuracy, double validLoss,
            double validAccuracy, double seconds) {
        /// One line for a person.
        @Override
        public String toString() {
            StringBuilder out =
                    new StringBuilder(String.format(Locale.ROOT, "epoch %3d  loss %.4f", number, trainLoss));
            append(out, "  accuracy %6.2f %%", 100 * trainAccuracy);
            append(out, "  valid loss %.4f", validLoss);
            append(out, "  valid accuracy %6.2f %%", 100 * validAccuracy);
            return out.append(String.format(Locale.ROOT, "  rate %.2e  %.2f s", learningRate, seconds)).toString();
        }

        private static void append(StringBuilder out, String format, double value) {
            if (!Double.isNaN(value)) {
                out.append(String.format(Locale.ROOT, format, value));
            }
        }
    }

    /// Copies the list.
    public History {
        epochs = List.copyOf(epochs);
    }

    /// One figure of every epoch.
    public double[] series(ToDoubleFunction<Epoch> figure) {
        return epochs.stream().mapToDouble(figure).toArray();
    }

    /// Seconds of all epochs, validation included.
    public double seconds() {
        return epochs.stream().mapToDouble(Epoch::seconds).sum();
    }

    /// The learning curve as an SVG picture: loss above, accuracy (when there is one) below.
    public String toSvg() {
        List<Svg.Curve> losses = List.of(new Svg.Curve("training", series(Epoch::trainLoss)),
                new Svg.Curve("validation", series(Epoch::validLoss)));
        List<Svg.Curve> accuracies = List.of(new Svg.Curve("training", series(Epoch::trainAccuracy)),
                new Svg.Curve("validation", series(Epoch::validAccuracy)));
        boolean classes = epochs.stream().anyMatch(e -> !Double.isNaN(e.trainAccuracy));
        return classes ? Svg.curves(List.of("loss", "accuracy"), List.of(losses, accuracies))
                : Svg.curves(List.of("loss"), List.of(losses));
    }

    /// Writes the epochs as CSV.
    public void writeCsv(Path path) throws IOException {
        StringBuilder out = new StringBuilder(
                "epoch,learning_rate,train_loss,train_accuracy,valid_loss,valid_accuracy,seconds\n");
        for (Epoch e : epochs) {
            out.append(String.format(Locale.ROOT, "%d,%s,%s,%s,%s,%s,%.3f%n", e.number, e.learningRate, e.trainLoss,
                    e.trainAccuracy, e.validLoss, e.validAccuracy, e.seconds));
        }
        AtomicFile.writeText(path, out.toString());
    }
}
