package dev.gatun.nn.train;

import dev.gatun.nn.Module;
import dev.gatun.nn.data.Batch;
import dev.gatun.nn.data.Batches;
import dev.gatun.nn.data.DataLoader;
import dev.gatun.nn.loss.Loss;
import dev.gatun.nn.optim.Clipping;
import dev.gatun.nn.optim.Optimizer;
import dev.gatun.nn.optim.Schedule;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The training loop: forward, loss, backward, step, for every batch of every epoch. Each step runs in a memory scope
/// of its own, so memory does not grow. A value: the `with…` methods return changed copies.
///
/// The learning rate of a step is the optimiser's times the schedule's factor. When the targets
/// are class labels (I64) and the outputs `[n, classes]`, accuracy is counted along the way.
public final class Trainer {
    private final Module model;
    private final Optimizer optimizer;
    private final Loss loss;
    private final Settings settings;

    private record Settings(int firstEpoch, int epochs, List<Callback> callbacks, Progress progress, Schedule schedule,
            double clipNorm) {}

    private Trainer(Module model, Optimizer optimizer, Loss loss, Settings settings) {
        this.model = model;
        this.optimizer = optimizer;
        this.loss = loss;
        this.settings = settings;
    }

    /// Ten epochs, a constant learning rate, no callbacks, progress as [Progress#terminal].
    public static Trainer of(Module model, Optimizer optimizer, Loss loss) {
        return new Trainer(model, optimizer, loss,
                new Settings(0, 10, List.of(), Progress.terminal(), Schedule.constant(), 0));
    }

    /// Trains up to epoch `epochs`.
    public Trainer withEpochs(int epochs) {
        return with(new Settings(settings.firstEpoch, epochs, settings.callbacks, settings.progress, settings.schedule,
                settings.clipNorm));
    }

    /// Goes on after `done` epochs (see [Checkpoints#resume]): their batches and rates are skipped.
    public Trainer withFirstEpoch(int done) {
        return with(new Settings(done, settings.epochs, settings.callbacks, settings.progress, settings.schedule,
                settings.clipNorm));
    }

    /// Adds a callback, called after those already there.
    public Trainer withCallback(Callback callback) {
        List<Callback> all = new ArrayList<>(settings.callbacks);
        all.add(callback);
        return with(new Settings(settings.firstEpoch, settings.epochs, List.copyOf(all), settings.progress,
                settings.schedule, settings.clipNorm));
    }

    /// Shows progress there.
    public Trainer withProgress(Progress progress) {
        return with(new Settings(settings.firstEpoch, settings.epochs, settings.callbacks, progress, settings.schedule,
                settings.clipNorm));
    }

    /// Multiplies the rate of step t (counted over all epochs from 0) by the factor of `schedule`.
    public Trainer withSchedule(Schedule schedule) {
        return with(new Settings(settings.firstEpoch, settings.epochs, settings.callbacks, settings.progress, schedule,
                settings.clipNorm));
    }

    /// Keeps the joint norm of the gradients at most `limit`.
    public Trainer withClipping(double limit) {
        return with(new Settings(settings.firstEpoch, settings.epochs, settings.callbacks, settings.progress,
                settings.schedule, limit));
    }

    private Trainer with(Settings changed) {
        return new Trainer(model, optimizer, loss, changed);
    }

    /// Trains on `train`, judging every epoch on `valid` when given. The model is left in evaluation mode. An exception
    /// of a callback's file work ends the training as UncheckedIOException.
    public History fit(DataLoader train, @Nullable DataLoader valid) {
        Training training = new Training(model, optimizer);
        List<History.Epoch> epochs = new ArrayList<>();
        try {
            for (int e = settings.firstEpoch; e < settings.epochs; e++) {
                long start = System.nanoTime();
                settings.progress.epochStarts(e + 1, settings.epochs, train.steps());
                Evaluation seen = epoch(train, e);
                Evaluation judged = valid == null ? Evaluation.none() : evaluate(valid);
                History.Epoch epoch = new History.Epoch(e + 1, optimizer.effectiveRate(), seen.loss(), seen.accuracy(),
                        judged.loss(), judged.accuracy(), (System.nanoTime() - start) / 1e9);
                settings.progress.epochEnds(epoch.toString());
                epochs.add(epoch);
                boolean goOn = true;
                for (Callback c : settings.callbacks) {
                    goOn &= c.epochEnded(epoch, training);
                }
                if (!goOn) {
                    break;
                }
            }
            for (Callback c : settings.callbacks) {
                c.trainingEnded(training);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            optimizer.setFactor(1);
            optimizer.zeroGrad();
            model.eval();
        }
        return new History(epochs);
    }

    private Evaluation epoch(DataLoader train, int epoch) {
        model.train();
        Evaluation.Counter counter = new Evaluation.Counter();
        long step = (long) epoch * train.steps();
        try (Batches batches = train.epoch(epoch)) {
            while (batches.hasNext()) {
                try (Scope _ = Engine.current().scope()) {
                    Batch batch = batches.next();
                    optimizer.setFactor(settings.schedule.factor(step++));
                    optimizer.zeroGrad();
                    Tensor output = model.forward(batch.input());
                    Tensor value = loss.apply(output, batch.target());
                    value.backward();
                    if (settings.clipNorm > 0) {
                        Clipping.byNorm(optimizer.parameters(), settings.clipNorm);
                    }
                    optimizer.step();
                    counter.add(value.item(), output, batch.target());
                    settings.progress.stepDone(counter.loss());
                }
            }
        }
        return counter.result();
    }

    /// Mean loss and answers on `data` in evaluation mode; afterwards the mode is as it was.
    public Evaluation evaluate(DataLoader data) {
        return evaluate(model, data, loss);
    }

    /// As [#evaluate(DataLoader)], for any model.
    public static Evaluation evaluate(Module model, DataLoader data, Loss loss) {
        boolean training = model.isTraining();
        model.eval();
        Evaluation.Counter counter = new Evaluation.Counter();
        try (Batches batches = data.epoch(0)) {
            Autograd.noGrad(() -> {
                while (batches.hasNext()) {
                    try (Scope _ = Engine.current().scope()) {
                        Batch batch = batches.next();
                        Tensor output = model.forward(batch.input());
                        counter.add(loss.apply(output, batch.target()).item(), output, batch.target());
                    }
                }
            });
        } finally {
            if (training) {
                model.train();
            }
        }
        return counter.result();
    }

    /// The model's outputs for `input` in evaluation mode, without recording.
    public static Tensor predict(Module model, Tensor input) {
        boolean training = model.isTraining();
        model.eval();
        try {
            return Autograd.noGrad(() -> model.forward(input));
        } finally {
            if (training) {
                model.train();
            }
        }
    }
}
