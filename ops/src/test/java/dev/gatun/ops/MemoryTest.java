package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.OutOfBudgetException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static long blocks() {
        return Engine.current().memory().statistics().blocks();
    }

    @Test
    void scopeFreesWhatIsNotKept() {
        Reference.run(() -> {
            Tensor kept;
            Tensor lost;
            try (Scope scope = Engine.current().scope()) {
                lost = Tensor.ones(10);
                kept = scope.keep(lost.add(1));
                assertThat(blocks()).isGreaterThanOrEqualTo(2);
            }
            assertThat(blocks()).isEqualTo(1);
            assertThat(kept.toFloats()).containsOnly(2);
            assertThat(lost.isClosed()).isTrue();
            assertThat(lost).hasToString("tensor(freed, F32[10])");
            assertThatThrownBy(() -> lost.mul(lost)).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("mul: operand 0 F32[10] was freed");
            assertThat(Engine.current().memory().leaks()).hasSize(1);
        });
    }

    @Test
    void scopesNestAndKeepMovesOutwards() {
        Reference.run(() -> {
            try (Scope outer = Engine.current().scope()) {
                Tensor moved;
                try (Scope inner = Engine.current().scope()) {
                    moved = inner.keep(Tensor.ones(3));
                    assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class)
                            .hasMessage("scope: an inner scope is still open; close scopes innermost first");
                }
                assertThat(moved.toFloats()).containsOnly(1);
                assertThat(Tensor.ones(2).unscoped().isClosed()).isFalse();
            }
            assertThat(blocks()).isEqualTo(1);
        });
    }

    @Test
    void scopeBelongsToItsThread() {
        Reference.run(() -> {
            try (Scope scope = Engine.current().scope()) {
                Engine engine = Engine.current();
                Throwable[] thrown = new Throwable[1];
                Runnable end = scope::close;
                join(Thread.ofVirtual().start(() -> {
                    try {
                        end.run();
                    } catch (IllegalStateException e) {
                        thrown[0] = e;
                    }
                    engine.run(() -> Tensor.ones(2).close());
                }));
                assertThat(thrown[0]).hasMessageContaining("closed by thread");
            }
        });
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aGraphThatIsKeptCanStillRunBackward() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(3).requiresGrad(true);
            Tensor kept;
            Tensor dropped;
            try (Scope scope = Engine.current().scope()) {
                kept = scope.keep(x.mul(x).mul(2).sum());
                dropped = x.mul(x).sum().unscoped();
            }
            kept.backward();
            assertThat(Objects.requireNonNull(x.grad()).toFloats()).containsOnly(4);
            assertThatThrownBy(dropped::backward)
                    .hasMessageStartingWith("backward: the graph was already used and freed");
        });
    }

    @Test
    void budgetNamesTheHolders() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(8 << 20).build()) {
            engine.run(() -> {
                Tensor big = Tensor.ones(1 << 20);
                assertThatThrownBy(() -> Tensor.zeros(2 << 20)).isInstanceOf(OutOfBudgetException.class)
                        .hasMessageContaining("budget of 8388608 bytes").hasMessageContaining("full 4194304");
                assertThat(big.get(5)).isEqualTo(1);
            });
        }
    }

    @Test
    void unreachableTensorsComeBackBeforeTheBudgetIsSpent() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> {
                for (int i = 0; i < 100; i++) {
                    Tensor.empty(DType.F32, Shape.of(1 << 20)).view().setDouble(0, i);
                }
                assertThat(engine.memory().statistics().acquisitions()).isGreaterThanOrEqualTo(100);
            });
        }
    }

    @Test
    void failedOperationsGiveTheirMemoryBack() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(4);
            Tensor index = Tensor.of(new long[] {9});
            long before = blocks();
            assertThatThrownBy(() -> x.indexSelect(0, index)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(blocks()).isEqualTo(before);
        });
    }

    @Test
    void wrapSharesForeignMemory() {
        Reference.run(() -> {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment memory = arena.allocate(16, 64);
                Tensor x = Tensor.wrap(memory, DType.F32, 2, 2);
                x.addInPlace(3);
                assertThat(memory.getAtIndex(ValueLayout.JAVA_FLOAT, 3)).isEqualTo(3);
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 7);
                assertThat(x.get(0, 0)).isEqualTo(7);
                assertThatThrownBy(() -> Tensor.wrap(memory.asSlice(2), DType.F32, 3))
                        .hasMessage("wrap: the memory must be aligned to 4 bytes for F32");
                x.close();
            }
            try (Arena arena = Arena.ofConfined()) {
                assertThatThrownBy(() -> Tensor.wrap(arena.allocate(16, 64), DType.F32, 4))
                        .hasMessageContaining("open to all threads").hasMessageContaining("Arena.ofShared()");
            }
            assertThat(blocks()).isZero();
        });
    }

    @Test
    void closedEngineRefuses() {
        Engine engine = Engine.builder().kernels(Kernels.reference()).build();
        Tensor x = engine.call(() -> Tensor.ones(3));
        engine.close();
        engine.close();
        assertThatThrownBy(() -> x.add(1)).isInstanceOf(IllegalStateException.class)
                .hasMessage("engine: used after it was closed");
        assertThatThrownBy(() -> engine.run(() -> Tensor.ones(3))).hasMessage("engine: used after it was closed");
    }

    @Test
    void trainingStepsReachASteadyState() {
        Reference.run(() -> {
            Tensor w = Generator.of(3).normal(0, 1, 4, 4).requiresGrad(true);
            long reserved = 0;
            for (int i = 0; i < 20; i++) {
                try (Scope _ = Engine.current().scope()) {
                    w.matmul(w).tanh().logSoftmax(1).mean().backward();
                    w.zeroGrad();
                }
                assertThat(blocks()).isEqualTo(1);
                if (i == 1) {
                    reserved = Engine.current().memory().statistics().reserved();
                }
            }
            assertThat(Engine.current().memory().statistics().reserved()).isEqualTo(reserved);
        });
    }
}
