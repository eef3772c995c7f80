package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.InvertedResidual;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.NormedConv;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Inverted residuals between a strided 3×3 convolution and a 1×1 one, global average, dense layer (Sandler and others,
/// 2018). Images `[n, channels, h, w]` to logits `[n, classes]`.
///
/// Names as in torchvision: `features.0.0`, `features.1.conv.0.0`, …, `features.18.0`, `classifier.1`.
public final class MobileNetV2 extends Module {
    /// A run of inverted residuals: expansion, output channels, how many, stride of the first.
    public record Stage(int expansion, int channels, int repeats, int stride) {}

    /// Settings: channels of the first convolution, the stages, channels of the last convolution, channels of the image,
    /// classes.
    public record Options(int first, List<Stage> stages, int last, int channels, int classes) {
        /// Copies the list.
        public Options {
            stages = List.copyOf(stages);
        }

        /// The published network, 3,504,872 parameters.
        public static final Options STANDARD = new Options(32,
                List.of(new Stage(1, 16, 1, 1), new Stage(6, 24, 2, 2), new Stage(6, 32, 3, 2), new Stage(6, 64, 4, 2),
                        new Stage(6, 96, 3, 1), new Stage(6, 160, 3, 2), new Stage(6, 320, 1, 1)),
                1280, 3, 1000);

        /// For another number of classes.
        public Options withClasses(int count) {
            return new Options(first, stages, last, channels, count);
        }
    }

    private final Sequential features;
    private final Pool average = Pool.adaptiveAverage2d(1);
    private final Sequential classifier;

    /// A network with these settings and torchvision's first values.
    public MobileNetV2(Options options, Generator generator) {
        List<Module> steps = new ArrayList<>();
        int channels = options.first;
        ConvOptions stem = ConvOptions.kernel(3).withStride(2).withPadding(1);
        steps.add(NormedConv.of(options.channels, channels, stem, Activation.relu6(), generator));
        for (Stage stage : options.stages) {
            for (int i = 0; i < stage.repeats; i++) {
                steps.add(new InvertedResidual(
                        channels, stage.channels, i == 0 ? stage.stride : 1, stage.expansion, generator));
                channels = stage.channels;
            }
        }
        steps.add(NormedConv.of(channels, options.last, ConvOptions.kernel(1), Activation.relu6(), generator));
        features = child("features", new Sequential(steps.toArray(Module[]::new)));
        classifier = child("classifier", new Sequential(
                new Dropout(0.2, generator), new Linear(options.last, options.classes, generator)));
        Starts.all(this, generator);
    }

    /// The published network for 224×224 images of ImageNet's 1000 classes, 3,504,872 parameters.
    public static MobileNetV2 of(Generator generator) {
        return new MobileNetV2(Options.STANDARD, generator);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return classifier.forward(average.forward(features.forward(x)).flatten(1));
    }
}
