package dev.gatun.nn.models;

import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Linear;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Dense layers with ReLU between: `[…, in]` to logits `[…, out]`.
///
/// Names as in PyTorch's `Sequential(Linear, ReLU, Linear, …)`: `0`, `2`, `4`, ….
public final class Mlp extends Module {
    private final List<Linear> layers;

    /// Layers from `sizes[0]` to `sizes[1]` and so on, two sizes at least; first values as in PyTorch.
    public Mlp(Generator generator, int... sizes) {
        if (sizes.length < 2) {
            throw new IllegalArgumentException("mlp: needs the sizes of input and output at least: "
                    + java.util.Arrays.toString(sizes));
        }
        List<Linear> made = new ArrayList<>();
        for (int i = 0; i + 1 < sizes.length; i++) {
            made.add(child(Integer.toString(2 * i), new Linear(sizes[i], sizes[i + 1], generator)));
        }
        layers = List.copyOf(made);
    }

    /// 784-256-128-10, for digits of 28×28: 235,146 parameters.
    public static Mlp of(Generator generator) {
        return new Mlp(generator, 784, 256, 128, 10);
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = layers.getFirst().forward(x);
        for (Linear layer : layers.subList(1, layers.size())) {
            y = layer.forward(y.relu());
        }
        return y;
    }
}
