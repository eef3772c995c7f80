package dev.gatun.tests.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.MemoryStatistics;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.GRU;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.optim.Adam;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import org.junit.jupiter.api.Test;

/// A thousand training steps end with the memory that the first ones took.
class TrainingMemoryTest {
    @Test
    void aThousandSteps() {
        try (Threads threads = Threads.of(2);
                Engine engine = Engine.builder().kernels(Kernels.best(threads)).memoryBudget(64 << 20).build()) {
            engine.run(() -> {
                Generator g = Generator.of(1);
                Module model = new Sequential(
                        new LSTM(5, 12, RecurrentOptions.DEFAULT.withLayers(2).withDropout(0.1), g),
                        new GRU(12, 6, RecurrentOptions.DEFAULT.withBothDirections(), g));
                Adam optimizer = Adam.adamW(model.parameters(), 1e-2, 1e-2);
                Tensor x = g.normal(0, 1, 7, 3, 5);
                double first = step(engine, model, optimizer, x);
                for (int i = 0; i < 50; i++) {
                    step(engine, model, optimizer, x);
                }
                MemoryStatistics early = engine.memory().statistics();
                double last = 0;
                for (int i = 0; i < 1000; i++) {
                    last = step(engine, model, optimizer, x);
                }
                MemoryStatistics late = engine.memory().statistics();
                assertThat(last).isLessThan(0.5 * first);
                assertThat(late.used()).isEqualTo(early.used());
                assertThat(late.blocks()).isEqualTo(early.blocks());
                assertThat(late.reserved()).isEqualTo(early.reserved());
            });
        }
    }

    private static double step(Engine engine, Module model, Adam optimizer, Tensor x) {
        try (Scope _ = engine.scope()) {
            Tensor loss = model.forward(x).sub(0.3).square().mean();
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss.item();
        }
    }
}
