package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.ModelFile;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.loss.Losses;
import dev.gatun.nn.optim.Adam;
import dev.gatun.nn.optim.Optimizer;
import dev.gatun.nn.optim.ParameterGroup;
import dev.gatun.nn.optim.Sgd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Twenty steps of a small convolutional network under each optimiser, from the weights of a file that PyTorch wrote:
/// losses, weights, buffers and answers stay with PyTorch's.
class TrajectoryGoldenTest {
    private static final Map<String, Function<Map<String, Tensor>, Optimizer>> OPTIMISERS = new TreeMap<>(Map.of(
            "sgd", p -> new Sgd(group(p, 0), 0.05, Sgd.Options.PLAIN),
            "momentum", p -> new Sgd(group(p, 1e-3), 0.05, new Sgd.Options(0.9, 0, false)),
            "nesterov", p -> new Sgd(group(p, 1e-3), 0.05, new Sgd.Options(0.9, 0, true)),
            "adam", p -> Adam.of(p, 1e-3),
            "adam with decay", p -> new Adam(group(p, 1e-2), 1e-3, Adam.Options.ADAM),
            "adamw", p -> Adam.adamW(p, 1e-3, 1e-2)));

    private static List<ParameterGroup> group(Map<String, Tensor> parameters, double decay) {
        return List.of(new ParameterGroup(parameters, 1, decay));
    }

    /// No bias before a batch norm: its gradient is rounding noise, which Adam would turn into full steps.
    private static Module network() {
        Generator g = Generator.of(5);
        return new Sequential(new Conv2d(1, 6, ConvOptions.kernel(3).withPadding(1).withoutBias(), g),
                BatchNorm.of2d(6), Activation.relu(), Pool.max2d(2),
                new Conv2d(6, 8, ConvOptions.kernel(3).withPadding(1), g), Activation.relu(),
                Pool.adaptiveAverage2d(2), new Flatten(), new Linear(32, 5, g));
    }

    @TestFactory
    Stream<DynamicTest> followed() {
        return OPTIMISERS.entrySet().stream().flatMap(o -> Stream.of(1, 2).map(
                count -> DynamicTest.dynamicTest(o.getKey() + " on " + count + " threads", () -> {
                    try (Threads threads = Threads.of(count);
                            Engine engine = Engine.builder().kernels(Kernels.best(threads)).memoryBudget(256 << 20)
                                    .build()) {
                        engine.run(() -> follow(o.getKey(), o.getValue()));
                    }
                })));
    }

    private static void follow(String name, Function<Map<String, Tensor>, Optimizer> make) {
        Golden golden = Golden.read("trajectories.safetensors");
        Module net = network();
        try {
            ModelFile.load(net, Golden.file("network.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Optimizer optimizer = make.apply(net.parameters());
        Tensor images = golden.get("images");
        Tensor labels = golden.get("labels");
        double[] losses = golden.get(name + "/losses").toDoubles();
        assertThat(losses).hasSize(20);
        for (int step = 0; step < losses.length; step++) {
            try (Scope _ = images.engine().scope()) {
                optimizer.zeroGrad();
                Tensor loss = Losses.crossEntropy(net.forward(images.select(0, step)), labels.select(0, step));
                loss.backward();
                optimizer.step();
                assertThat(Math.abs(loss.item() - losses[step]))
                        .as("loss of step " + step + ": " + loss.item() + ", PyTorch " + losses[step])
                        .isLessThanOrEqualTo(Golden.NETWORK);
            }
        }
        Map<String, Tensor> end = net.stateDict();
        Map<String, Tensor> expected = golden.all(name + "/end.");
        assertThat(end.keySet()).containsExactlyElementsOf(expected.keySet());
        expected.forEach((key, t) -> Golden.close(key, java.util.Objects.requireNonNull(end.get(key)), t,
                Golden.NETWORK, Golden.NETWORK));
        net.eval();
        Golden.close("evaluation", net.forward(images.select(0, 0)), golden.get(name + "/eval"), Golden.NETWORK,
                Golden.NETWORK);
    }
}
