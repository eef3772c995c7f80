package dev.gatun.perf.work;

import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Shape;
import java.util.List;

/// Whole networks.
final class ModelCases {
    static final List<NetworkCase> ALL = List.of(
            NetworkCase.of("mlp", Shape.of(1, 784), g -> new Sequential(new Linear(784, 256, g), Activation.relu(),
                    new Linear(256, 128, g), Activation.relu(), new Linear(128, 10, g))));

    private ModelCases() {}
}
