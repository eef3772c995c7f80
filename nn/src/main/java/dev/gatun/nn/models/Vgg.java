package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Stages of 3×3 convolutions with a pooling behind each, and three dense layers (Simonyan and Zisserman, 2014). Images
/// `[n, channels, h, w]` to logits `[n, classes]`; whatever the size of the image, the dense layers see 7×7 positions.
///
/// Names as in torchvision: `features.0`, `features.2`, …, `classifier.0`, `classifier.3`, `classifier.6`.
public final class Vgg extends Module {
    /// Positions per side in front of the dense layers.
    private static final int SIDE = 7;

    /// Settings: output channels of the convolutions of each stage, size of the two hidden dense layers, channels of the
    /// image, classes.
    public record Options(List<List<Integer>> stages, int hidden, int channels, int classes) {
        /// Copies the lists. At least one stage of at least one convolution.
        public Options {
            stages = stages.stream().map(List::copyOf).toList();
            if (stages.isEmpty() || stages.stream().anyMatch(List::isEmpty)) {
                throw new IllegalArgumentException("vgg: needs stages of at least one convolution each: " + stages);
            }
        }

        /// 11 layers, 132,863,336 parameters.
        public static final Options VGG11 = of(1, 1, 2, 2, 2);
        /// 16 layers, 138,357,544 parameters.
        public static final Options VGG16 = of(2, 2, 3, 3, 3);
        /// 19 layers, 143,667,240 parameters.
        public static final Options VGG19 = of(2, 2, 4, 4, 4);

        private static Options of(int... convolutions) {
            List<List<Integer>> stages = new ArrayList<>();
            for (int i = 0; i < convolutions.length; i++) {
                stages.add(java.util.Collections.nCopies(convolutions[i], Math.min(64 << i, 512)));
            }
            return new Options(stages, 4096, 3, 1000);
        }

        /// For another number of classes.
        public Options withClasses(int count) {
            return new Options(stages, hidden, channels, count);
        }
    }

    private final Sequential features;
    private final Pool average;
    private final Sequential classifier;

    /// A network with these settings and torchvision's first values.
    public Vgg(Options options, Generator generator) {
        List<Module> steps = new ArrayList<>();
        int channels = options.channels;
        for (List<Integer> stage : options.stages) {
            for (int out : stage) {
                steps.add(new Conv2d(channels, out, ConvOptions.kernel(3).withPadding(1), generator));
                steps.add(Activation.relu());
                channels = out;
            }
            steps.add(Pool.max2d(2));
        }
        features = child("features", new Sequential(steps.toArray(Module[]::new)));
        average = child("avgpool", Pool.adaptiveAverage2d(SIDE));
        classifier = child("classifier", new Sequential(
                new Linear(channels * SIDE * SIDE, options.hidden, generator), Activation.relu(),
                new Dropout(0.5, generator), new Linear(options.hidden, options.hidden, generator), Activation.relu(),
                new Dropout(0.5, generator), new Linear(options.hidden, options.classes, generator)));
        Starts.all(this, generator);
    }

    /// 16 layers for 224×224 images of ImageNet's 1000 classes, 138,357,544 parameters.
    public static Vgg of16(Generator generator) {
        return new Vgg(Options.VGG16, generator);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return classifier.forward(average.forward(features.forward(x)).flatten(1));
    }
}
