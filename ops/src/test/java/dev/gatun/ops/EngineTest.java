package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Kernels;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EngineTest {
    @Test
    void boundEngineIsCurrent() {
        try (Engine outer = Engine.builder().kernels(Kernels.reference()).build();
                Engine inner = Engine.builder().kernels(Kernels.reference()).build()) {
            outer.run(() -> {
                assertThat(Engine.current()).isSameAs(outer);
                Tensor made = inner.call(() -> Tensor.ones(2));
                assertThat(made.engine()).isSameAs(inner);
                assertThat(made.add(made).engine()).isSameAs(inner);
                assertThat(Engine.current()).isSameAs(outer);
            });
        }
    }

    @Test
    void standardEngineUsesAllProcessorsAndStaysOpen() {
        Engine standard = Engine.standard();
        assertThat(standard).isSameAs(Engine.standard()).isSameAs(Engine.current());
        assertThat(standard.kernels().name()).isEqualTo("vector");
        assertThat(standard.kernels().threads().count()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThatThrownBy(standard::close).isInstanceOf(IllegalStateException.class)
                .hasMessage("engine: the standard engine is shared and stays open");
    }

    @Test
    void builderRefusesNonsense() {
        assertThatThrownBy(() -> Engine.builder().threads(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("engine: threads must be at least 1: 0");
        assertThatThrownBy(() -> Engine.builder().memoryBudget(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("engine: the memory budget must be positive: 0");
        assertThatThrownBy(() -> Engine.builder().threads(2).kernels(Kernels.reference()).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine: the given kernels bring their threads; say threads or kernels");
    }

    @Test
    void sameBitsForEveryNumberOfThreads() {
        float[] expected = new float[0];
        for (int threads : new int[] {1, 2, 3, 7}) {
            try (Engine engine = Engine.builder().threads(threads).build()) {
                float[] actual = engine.call(EngineTest::step);
                expected = threads == 1 ? actual : expected;
                assertThat(actual).containsExactly(expected);
            }
        }
    }

    private static float[] step() {
        Generator random = Generator.of(21);
        Tensor weight = random.normal(0, 0.1, 40, 300).requiresGrad(true);
        Tensor bias = random.normal(0, 0.1, 40).requiresGrad(true);
        Tensor x = random.normal(0, 1, 130, 300);
        x.linear(weight, bias).relu().logSoftmax(1).mul(random.uniform(130, 40)).mean().backward();
        return Tensor.cat(0, Objects.requireNonNull(weight.grad()).flatten(),
                Objects.requireNonNull(bias.grad())).toFloats();
    }
}
