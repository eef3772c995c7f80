package dev.gatun.nn.train;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Ends the training when a figure has not become smaller by more than `minDelta` for `patience` epochs, and puts the
/// weights of the best epoch back at the end. For one training run.
public final class EarlyStopping implements Callback {
    private final ToDoubleFunction<History.Epoch> figure;
    private final int patience;
    private final double minDelta;
    private final Map<String, Tensor> best = new LinkedHashMap<>();
    private double bestValue = Double.POSITIVE_INFINITY;
    private int bestEpoch;
    private int worse;

    /// Watches the validation loss.
    public EarlyStopping(int patience) {
        this(patience, 0, History.Epoch::validLoss);
    }

    /// Watches `figure`, of which less is better.
    public EarlyStopping(int patience, double minDelta, ToDoubleFunction<History.Epoch> figure) {
        if (patience < 1 || !(minDelta >= 0)) {
            throw new IllegalArgumentException(
                    "early stopping: patience must be at least 1 and minDelta not negative: " + patience + ", "
                            + minDelta);
        }
        this.patience = patience;
        this.minDelta = minDelta;
        this.figure = figure;
    }

    @Override
    public boolean epochEnded(History.Epoch epoch, Training training) {
        double value = figure.applyAsDouble(epoch);
        // A NaN is never an improvement.
        if (value < bestValue - minDelta || (best.isEmpty() && !Double.isNaN(value))) {
            bestValue = value;
            bestEpoch = epoch.number();
            worse = 0;
            remember(training);
        } else {
            worse++;
        }
        return worse < patience;
    }

    private void remember(Training training) {
        Autograd.noGrad(() -> training.model().stateDict().forEach((name, t) -> {
            Tensor kept = best.get(name);
            if (kept == null) {
                best.put(name, t.copy().unscoped());
            } else {
                kept.copyFrom(t);
            }
        }));
    }

    @Override
    public void trainingEnded(Training training) {
        if (!best.isEmpty()) {
            training.model().load(best);
            best.values().forEach(Tensor::close);
            best.clear();
        }
    }

    /// The epoch whose weights were put back; 0 when there was none.
    public int bestEpoch() {
        return bestEpoch;
    }
}
