package dev.gatun.nn.train;

import java.util.function.ToDoubleFunction;

/// Multiplies the learning rate by `factor` when a figure has not become smaller, relative to the best so far and by
/// more than `threshold`, for more than `patience` epochs; never below `least`.
public final class ReduceOnPlateau implements Callback {
    private final ToDoubleFunction<History.Epoch> figure;
    private final double factor;
    private final int patience;
    private final double threshold;
    private final double least;
    private double best = Double.POSITIVE_INFINITY;
    private int worse;

    /// Watches the validation loss: a tenth of the rate after ten epochs without a gain of 1e−4.
    public ReduceOnPlateau() {
        this(History.Epoch::validLoss, 0.1, 10, 1e-4, 0);
    }

    /// Watches `figure`, of which less is better.
    public ReduceOnPlateau(
            ToDoubleFunction<History.Epoch> figure, double factor, int patience, double threshold, double least) {
        if (!(factor > 0 && factor < 1) || patience < 0) {
            throw new IllegalArgumentException("plateau: the factor must be between 0 and 1 and patience not negative: "
                    + factor + ", " + patience);
        }
        this.figure = figure;
        this.factor = factor;
        this.patience = patience;
        this.threshold = threshold;
        this.least = least;
    }

    @Override
    public boolean epochEnded(History.Epoch epoch, Training training) {
        double value = figure.applyAsDouble(epoch);
        if (value < best * (1 - threshold)) {
            best = value;
            worse = 0;
        } else if (++worse > patience) {
            double rate = training.optimizer().learningRate();
            training.optimizer().setLearningRate(Math.max(least, rate * factor));
            worse = 0;
        }
        return true;
    }
}
