package dev.gatun.perf.demo;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Generator;

/// A small convolutional network for grey images `[n, 1, h, w]`: three stages of convolution, batch norm and ReLU with
/// pooling between, dropout, a dense layer to the logits `[n, classes]`. Large images get twice the channels and one
/// pooling more.
final class DigitNetwork {
    /// Images from this side on are large.
    private static final int LARGE = 16;

    private DigitNetwork() {}

    static Module of(int height, int width, int classes, Generator generator) {
        boolean large = Math.min(height, width) >= LARGE;
        int halvings = large ? 3 : 2;
        int c = large ? 16 : 8;
        int features = 4 * c * (height >> halvings) * (width >> halvings);
        if (features == 0) {
            throw new IllegalArgumentException("demo: images of " + height + "×" + width + " are too small");
        }
        return new Sequential(stage(1, c, large, generator), stage(c, 2 * c, true, generator),
                stage(2 * c, 4 * c, true, generator), new Flatten(), new Dropout(0.2, generator),
                new Linear(features, classes, generator));
    }

    private static Sequential stage(int in, int out, boolean halve, Generator generator) {
        // No bias: the batch norm behind would take it away again.
        Conv2d conv = new Conv2d(in, out, ConvOptions.kernel(3).withPadding(1).withoutBias(), generator);
        return halve ? new Sequential(conv, BatchNorm.of2d(out), Activation.relu(), Pool.max2d(2))
                : new Sequential(conv, BatchNorm.of2d(out), Activation.relu());
    }
}
