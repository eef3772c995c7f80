package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BasicBlock;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Bottleneck;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.PoolOptions;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Residual network (He and others, 2015): a 7×7 convolution and a pooling that quarter the image, stages of residual
/// blocks that double the channels and, from the second on, halve the image, global average, dense layer. Images
/// `[n, channels, h, w]` to logits `[n, classes]`.
///
/// Names as in torchvision: `conv1`, `bn1`, `layer1.0.conv1`, …, `fc`.
public final class ResNet extends Module {
    /// The block that stages are made of.
    public enum Kind {
        /// [BasicBlock].
        BASIC,
        /// [Bottleneck].
        BOTTLENECK;

        private int outputs(int width) {
            return this == BASIC ? width : Bottleneck.EXPANSION * width;
        }

        private Module block(int in, int width, int stride, Generator generator) {
            return switch (this) {
                case BASIC -> new BasicBlock(in, width, stride, generator);
                case BOTTLENECK -> new Bottleneck(in, width, stride, generator);
            };
        }
    }

    /// Settings: kind of block, blocks per stage, channels of the first stage, channels of the image, classes.
    public record Options(Kind kind, List<Integer> blocks, int width, int channels, int classes) {
        /// Copies the list. At least one stage of at least one block.
        public Options {
            blocks = List.copyOf(blocks);
            if (blocks.isEmpty() || blocks.stream().anyMatch(n -> n < 1)) {
                throw new IllegalArgumentException("resnet: needs stages of at least one block each: " + blocks);
            }
        }

        private static Options of(Kind kind, Integer... blocks) {
            return new Options(kind, List.of(blocks), 64, 3, 1000);
        }

        /// 18 layers, 11,689,512 parameters.
        public static final Options RESNET18 = of(Kind.BASIC, 2, 2, 2, 2);
        /// 34 layers, 21,797,672 parameters.
        public static final Options RESNET34 = of(Kind.BASIC, 3, 4, 6, 3);
        /// 50 layers, 25,557,032 parameters.
        public static final Options RESNET50 = of(Kind.BOTTLENECK, 3, 4, 6, 3);

        /// For another number of classes.
        public Options withClasses(int count) {
            return new Options(kind, blocks, width, channels, count);
        }
    }

    private final List<Module> body;
    private final Linear fc;

    /// A network with these settings; convolutions start from He's normal distribution over fan-out, the dense layer as
    /// in PyTorch.
    public ResNet(Options options, Generator generator) {
        List<Module> steps = new ArrayList<>();
        int channels = options.width;
        ConvOptions stem = ConvOptions.kernel(7).withStride(2).withPadding(3).withoutBias();
        steps.add(child("conv1", new Conv2d(options.channels, channels, stem, generator)));
        steps.add(child("bn1", BatchNorm.of2d(channels)));
        steps.add(Activation.relu());
        steps.add(Pool.max2d(PoolOptions.kernel(3).withStride(2).withPadding(1)));
        int width = channels;
        for (int stage = 0; stage < options.blocks.size(); stage++) {
            List<Module> blocks = new ArrayList<>();
            for (int i = 0; i < options.blocks.get(stage); i++) {
                blocks.add(options.kind.block(channels, width, stage > 0 && i == 0 ? 2 : 1, generator));
                channels = options.kind.outputs(width);
            }
            steps.add(child("layer" + (stage + 1), new Sequential(blocks.toArray(Module[]::new))));
            width *= 2;
        }
        steps.add(Pool.adaptiveAverage2d(1));
        body = List.copyOf(steps);
        fc = child("fc", new Linear(channels, options.classes, generator));
        Starts.convolutions(this, generator);
    }

    /// 18 layers for 224×224 images of ImageNet's 1000 classes, 11,689,512 parameters.
    public static ResNet of18(Generator generator) {
        return new ResNet(Options.RESNET18, generator);
    }

    /// 34 layers, 21,797,672 parameters.
    public static ResNet of34(Generator generator) {
        return new ResNet(Options.RESNET34, generator);
    }

    /// 50 layers, 25,557,032 parameters.
    public static ResNet of50(Generator generator) {
        return new ResNet(Options.RESNET50, generator);
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = x;
        for (Module step : body) {
            y = step.forward(y);
        }
        return fc.forward(y.flatten(1));
    }
}
