package dev.gatun.perf.work;

import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.layers.TransformerEncoder;
import dev.gatun.nn.layers.TransformerEncoderLayer;
import dev.gatun.nn.models.LstmEncoder;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import java.util.List;
import java.util.stream.Stream;

/// Networks as the recipes train them.
public final class TrainingCases {
    /// All of them.
    public static final List<TrainingCase> ALL = List.of(
            new TrainingCase(NetworkCase.of("demo-cnn batch 64", Shape.of(64, 1, 28, 28), TrainingCases::demo), true),
            new TrainingCase(NetworkCase.of("timeseries-cnn batch 64", Shape.of(64, 3, 80),
                    g -> new TimeSeriesCnn(new TimeSeriesCnn.Options(3, 100, 160, 10, 3, 0, 6), g)), true),
            new TrainingCase(NetworkCase.of("transformer 4x256 T 128 batch 16", Shape.of(16, 128, 256),
                    TrainingCases::transformer), false),
            new TrainingCase(NetworkCase.of("lstm2 T 100 batch 32", Shape.of(32, 100, 128), LstmEncoder::of), false),
            new TrainingCase(NetworkCase.of("resnet18 batch 8 64x64", Shape.of(8, 3, 64, 64), ResNet::of18), true));

    private TrainingCases() {}

    static TrainingCase find(String name) {
        return ALL.stream().filter(c -> c.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("bench: no case training/" + name));
    }

    /// The network of `./gatun demo` for images of 28×28, without its dropout.
    private static Sequential demo(Generator g) {
        return new Sequential(stage(1, 16, g), stage(16, 32, g), stage(32, 64, g), new Flatten(),
                new Linear(64 * 3 * 3, 10, g));
    }

    private static TransformerEncoder transformer(Generator g) {
        TransformerEncoderLayer.Options options =
                TransformerEncoderLayer.Options.standard().withFeedForward(1024).withDropout(0);
        return new TransformerEncoder(
                Stream.generate(() -> new TransformerEncoderLayer(256, 8, options, g)).limit(4).toList());
    }

    private static Sequential stage(int in, int out, Generator g) {
        return new Sequential(new Conv2d(in, out, ConvOptions.kernel(3).withPadding(1).withoutBias(), g),
                BatchNorm.of2d(out), Activation.relu(), Pool.max2d(2));
    }
}
