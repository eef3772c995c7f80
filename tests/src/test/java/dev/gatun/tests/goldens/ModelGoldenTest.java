package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Tensor;
import dev.gatun.tests.SmallModels;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Small relatives of the models with PyTorch's parameters, loaded by name: output in evaluation, eager and compiled,
/// then output and all gradients in training. Dropout stays off: PyTorch's masks are its own.
class ModelGoldenTest {
    @TestFactory
    Stream<DynamicTest> models() {
        return SmallModels.ALL.stream().map(m -> DynamicTest.dynamicTest(m.name(), () -> {
            try (Threads threads = Threads.of(2);
                    Engine engine = Engine.builder().kernels(Kernels.best(threads)).memoryBudget(256 << 20).build()) {
                engine.run(() -> check(m));
            }
        }));
    }

    private static void check(SmallModels model) {
        Golden golden = Golden.read("models.safetensors");
        String name = model.name();
        Module module = model.make();
        module.load(golden.all(name + "/state."));
        Tensor x = golden.get(name + "/x");
        assertThat(x.shape()).as("the tests' input").isEqualTo(model.input());
        module.eval();
        close(name + " in evaluation", module.forward(x), golden.get(name + "/eval"));
        try (Session session = Session.builder(module).input(x.shape()).warmUp(Duration.ZERO).build()) {
            close(name + " in a session", session.run(x), golden.get(name + "/eval"));
        }
        module.train().modules().values().stream().filter(m -> m instanceof Dropout).forEach(Module::eval);
        x.requiresGrad(true);
        Tensor y = module.forward(x);
        close(name, y, golden.get(name + "/y"));
        y.mul(golden.get(name + "/weights")).sum().backward();
        close("gradient of x, " + name, Objects.requireNonNull(x.grad()), golden.get(name + "/gx"));
        Map<String, Tensor> gradients = golden.all(name + "/grad.");
        assertThat(gradients.keySet()).isEqualTo(module.parameters().keySet());
        gradients.forEach((key, expected) -> close("gradient of " + key + ", " + name,
                Objects.requireNonNull(Objects.requireNonNull(module.parameters().get(key)).grad()), expected));
    }

    private static void close(String what, Tensor actual, Tensor expected) {
        Golden.close(what, actual, expected, Golden.NETWORK, Golden.NETWORK);
    }

    @Test
    void everyModelOfTheFileIsCompared() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> assertThat(SmallModels.ALL.stream().map(SmallModels::name))
                    .containsExactlyInAnyOrderElementsOf(Golden.read("models.safetensors").cases()));
        }
    }
}
