package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv1d;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.PRelu;
import dev.gatun.nn.layers.Padding;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.PoolOptions;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every layer with PyTorch's parameters, loaded by name: output and gradients in training, buffers after it, output in
/// evaluation.
class ModuleGoldenTest {
    private static final Map<String, Supplier<Module>> MODULES = new TreeMap<>(Map.ofEntries(
            Map.entry("linear", () -> new Linear(7, 5, generator())),
            Map.entry("linear without bias", () -> new Linear(7, 5, false, generator())),
            Map.entry("conv1d", () -> new Conv1d(3, 4, ConvOptions.kernel(5).withStride(2).withPadding(2),
                    generator())),
            Map.entry("conv2d", () -> new Conv2d(3, 4, ConvOptions.kernel(3).withPadding(1), generator())),
            Map.entry("conv2d same", () -> new Conv2d(3, 4,
                    ConvOptions.kernel(3).withPadding(Padding.same()).withDilation(2), generator())),
            Map.entry("conv2d grouped", () -> new Conv2d(4, 8,
                    ConvOptions.kernel(3).withStride(2).withGroups(4).withoutBias(), generator())),
            Map.entry("batchNorm1d", () -> BatchNorm.of1d(5)),
            Map.entry("batchNorm1d sequence",
                    () -> BatchNorm.of1d(5, new BatchNorm.Options(1e-3, 0.3, true, true))),
            Map.entry("batchNorm2d", () -> BatchNorm.of2d(3)),
            Map.entry("batchNorm2d plain", () -> BatchNorm.of2d(3, new BatchNorm.Options(1e-5, 0.1, false, true))),
            Map.entry("maxPool1d", () -> Pool.max1d(PoolOptions.kernel(3).withStride(2).withPadding(1))),
            Map.entry("maxPool2d", () -> Pool.max2d(PoolOptions.kernel(2).withCeil())),
            Map.entry("averagePool1d", () -> Pool.average1d(PoolOptions.kernel(3).withStride(2).withPadding(1))),
            Map.entry("averagePool2d", () -> Pool.average2d(
                    PoolOptions.kernel(3).withStride(1).withPadding(1).withoutCountingPadding())),
            Map.entry("adaptiveAverage2d", () -> Pool.adaptiveAverage2d(2)),
            Map.entry("adaptiveMax2d", () -> Pool.adaptiveMax2d(3)), Map.entry("prelu", () -> new PRelu(3)),
            Map.entry("flatten", Flatten::new)));

    private static Generator generator() {
        return Generator.of(1);
    }

    @TestFactory
    Stream<DynamicTest> layers() {
        return MODULES.entrySet().stream().map(m -> DynamicTest.dynamicTest(m.getKey(), () -> {
            try (Threads threads = Threads.of(2);
                    Engine engine = Engine.builder().kernels(Kernels.best(threads)).memoryBudget(64 << 20).build()) {
                engine.run(() -> check(m.getKey(), m.getValue().get()));
            }
        }));
    }

    private static void check(String name, Module module) {
        Golden golden = Golden.read("modules.safetensors");
        module.load(golden.all(name + "/state."));
        Tensor x = golden.get(name + "/x").requiresGrad(true);
        Tensor y = module.forward(x);
        close(name, y, golden.get(name + "/y"));
        y.mul(golden.get(name + "/weights")).sum().backward();
        close("gradient of x, " + name, java.util.Objects.requireNonNull(x.grad()), golden.get(name + "/gx"));
        golden.all(name + "/grad.").forEach((key, expected) -> close("gradient of " + key, java.util.Objects
                .requireNonNull(java.util.Objects.requireNonNull(module.parameters().get(key)).grad()), expected));
        golden.all(name + "/after.").forEach((key, expected) -> close(key,
                java.util.Objects.requireNonNull(module.buffers().get(key)), expected));
        module.eval();
        close(name + " in evaluation", module.forward(x.detach()), golden.get(name + "/eval"));
    }

    private static void close(String what, Tensor actual, Tensor expected) {
        Golden.close(what, actual, expected, Golden.RTOL, Golden.ATOL);
    }

    @Test
    void everyModuleOfTheFileIsCompared() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> assertThat(MODULES.keySet()).isEqualTo(Golden.read("modules.safetensors").cases()));
        }
    }
}
