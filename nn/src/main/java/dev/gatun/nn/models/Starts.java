package dev.gatun.nn.models;

import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.Linear;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.Objects;

/// First values of parameters as the image models of torchvision have them, where they differ from the layers' own.
final class Starts {
    private static final Init CONVOLUTION = Init.kaimingNormalFanOut(Init.RELU_GAIN);
    private static final Init DENSE = Init.normal(0, 0.01);

    private Starts() {}

    /// Weights of all convolutions in `model` from He's normal distribution over fan-out, their biases 0.
    static void convolutions(Module model, Generator generator) {
        model.apply(m -> {
            if (m instanceof Conv2d) {
                fill(m, CONVOLUTION, generator);
            }
        });
    }

    /// As [#convolutions], and the weights of dense layers normal with deviation 0.01, their biases 0.
    static void all(Module model, Generator generator) {
        convolutions(model, generator);
        model.apply(m -> {
            if (m instanceof Linear) {
                fill(m, DENSE, generator);
            }
        });
    }

    private static void fill(Module layer, Init weights, Generator generator) {
        weights.fill(Objects.requireNonNull(layer.parameters().get("weight")), generator);
        Tensor bias = layer.parameters().get("bias");
        if (bias != null) {
            Init.zeros().fill(bias, generator);
        }
    }
}
