package dev.gatun.tests.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every operation, forward and gradients, against what PyTorch 1.13 computed, on both implementations of the kernels.
class OpGoldenTest {
    @TestFactory
    Stream<DynamicTest> fast() {
        return all(() -> Kernels.best(Threads.of(2)));
    }

    @TestFactory
    Stream<DynamicTest> reference() {
        return all(Kernels::reference);
    }

    private static Stream<DynamicTest> all(java.util.function.Supplier<Kernels> kernels) {
        Kernels k = kernels.get();
        return OpCases.ALL.entrySet().stream().map(c -> DynamicTest.dynamicTest(c.getKey(), () -> {
            try (Engine engine = Engine.builder().kernels(k).memoryBudget(64 << 20).build()) {
                engine.run(() -> check(c.getKey(), c.getValue()));
            }
        })).onClose(k.threads()::close);
    }

    private static void check(String name, Function<List<Tensor>, Tensor> work) {
        Golden golden = Golden.read("ops.safetensors");
        List<Tensor> in = new ArrayList<>();
        while (golden.has(name + "/in" + in.size())) {
            Tensor t = golden.get(name + "/in" + in.size());
            in.add(t.requiresGrad(golden.has(name + "/grad" + in.size())));
        }
        Tensor out = work.apply(in);
        Tensor expected = golden.get(name + "/out");
        Golden.close(name, out.dtype().isFloating() ? out : out.to(expected.dtype()), expected, Golden.RTOL,
                Golden.ATOL);
        if (golden.has(name + "/weights")) {
            out.mul(golden.get(name + "/weights")).sum().backward();
        }
        for (int i = 0; i < in.size(); i++) {
            if (in.get(i).requiresGrad()) {
                Tensor gradient = java.util.Objects.requireNonNull(in.get(i).grad());
                Golden.close("gradient " + i + " of " + name, gradient, golden.get(name + "/grad" + i), Golden.RTOL,
                        Golden.ATOL);
            }
        }
    }

    @Test
    void everyCaseOfTheFileIsCompared() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> assertThat(OpCases.ALL.keySet()).isEqualTo(Golden.read("ops.safetensors").cases()));
        }
    }
}
