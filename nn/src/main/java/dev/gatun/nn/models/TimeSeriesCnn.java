package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Conv1d;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;

/// A classifier of windows of sensor data: two convolutions, a pooling, two convolutions, global average over time,
/// dropout, dense layer. Windows `[n, channels, steps]` to logits `[n, classes]`.
///
/// Names: `features.0`, `features.2`, `features.5`, `features.7`, `classifier.1`.
public final class TimeSeriesCnn extends Module {
    /// Settings: channels of the signal, filters of the first and of the second pair of convolutions, their taps, the
    /// pooling's window, the probability of dropout, classes.
    public record Options(int channels, int first, int second, int kernel, int pool, double dropout, int classes) {
        /// 100 and 160 filters of 10 taps, pooling by 3, for windows of 80 steps of 3 accelerations and 6 activities:
        /// 520,486 parameters.
        public static final Options STANDARD = new Options(3, 100, 160, 10, 3, 0.5, 6);

        /// For another number of classes.
        public Options withClasses(int count) {
            return new Options(channels, first, second, kernel, pool, dropout, count);
        }
    }

    private final Sequential features;
    private final Sequential classifier;

    /// A network with these settings; first values as in PyTorch.
    public TimeSeriesCnn(Options o, Generator generator) {
        features = child("features", new Sequential(
                new Conv1d(o.channels, o.first, o.kernel, generator), Activation.relu(),
                new Conv1d(o.first, o.first, o.kernel, generator), Activation.relu(),
                Pool.max1d(o.pool),
                new Conv1d(o.first, o.second, o.kernel, generator), Activation.relu(),
                new Conv1d(o.second, o.second, o.kernel, generator), Activation.relu(),
                Pool.adaptiveAverage1d(1), new Flatten()));
        classifier = child("classifier", new Sequential(
                new Dropout(o.dropout, generator), new Linear(o.second, o.classes, generator)));
    }

    /// With [Options#STANDARD].
    public static TimeSeriesCnn of(Generator generator) {
        return new TimeSeriesCnn(Options.STANDARD, generator);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return classifier.forward(features.forward(x));
    }
}
