package dev.gatun.nn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BindingTest {
    private static Sequential network() {
        Generator generator = Generator.of(3);
        return new Sequential(
                Activation.relu(), new Linear(20, 32, generator), Activation.gelu(), new Linear(32, 5, generator));
    }

    private static SessionBuilder cold(Module module) {
        return Session.builder(module).warmUp(Duration.ZERO);
    }

    private static Tensor numbers(int rows) {
        return Generator.of(5).normal(0, 1, rows, 20);
    }

    private static void fill(Binding binding, Tensor x) {
        binding.input().copyFrom(MemorySegment.ofArray(x.toFloats()));
    }

    @Test
    void computesInItsOwnMemoryAndLeavesTheInputAsItIs() {
        try (Session session = cold(network()).input(Shape.of(3, 20)).build(); Binding binding = session.bind()) {
            assertThat(binding.output().toArray(JAVA_FLOAT)).containsOnly(0);
            Tensor x = numbers(3);
            float[] expected = session.run(x).toFloats();
            fill(binding, x);
            for (int i = 0; i < 3; i++) {
                binding.run();
                assertThat(binding.output().toArray(JAVA_FLOAT)).containsExactly(expected);
                assertThat(binding.input().toArray(JAVA_FLOAT)).containsExactly(x.toFloats());
                session.run(numbers(3).mul(2));
            }
        }
    }

    @Test
    void anOutputMayBeAViewOfTheInput() {
        try (Session session = cold(new Flatten()).input(Shape.of(2, 3, 4)).build(); Binding binding = session.bind()) {
            binding.input().setAtIndex(JAVA_FLOAT, 17, 3);
            binding.run();
            assertThat(binding.output().getAtIndex(JAVA_FLOAT, 17)).isEqualTo(3);
        }
    }

    @Test
    void takesSeveralInputsByTheirShapes() {
        Linear linear = new Linear(4, 2, Generator.of(1));
        Tensor a = Tensor.ones(1, 4);
        Tensor b = Tensor.ones(2, 4);
        try (Session session = Session.builder(linear).warmUp(Duration.ZERO)
                .input(a, b).computing(in -> linear.forward(in.get(1)).add(in.get(0).sum())).build();
                Binding binding = session.bind(a.shape(), b.shape())) {
            binding.input(0).fill((byte) 0).setAtIndex(JAVA_FLOAT, 0, 7);
            binding.run();
            float[] bias = linear.stateDict().get("bias").toFloats();
            assertThat(binding.output().toArray(JAVA_FLOAT))
                    .containsExactly(bias[0] + 7, bias[1] + 7, bias[0] + 7, bias[1] + 7);
        }
    }

    @Test
    void thePlanIsNamedWhereThereAreSeveral() {
        try (Session session = cold(network()).batches(new int[] {1, 4}, 20).build();
                Binding four = session.bind(Shape.of(4, 20))) {
            assertThat(four.output().byteSize()).isEqualTo(4 * 5 * 4);
            assertThatThrownBy(session::bind).isInstanceOf(IllegalArgumentException.class).hasMessage(
                    "bind: there are several plans, name the input shapes of one; compiled are [1, 20] -> [1, 5],"
                            + " [4, 20] -> [4, 5]");
            assertThatThrownBy(() -> session.bind(Shape.of(2, 20))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("bind: these input shapes were not compiled: [[2, 20]]; compiled are");
        }
    }

    @Test
    void eachCallerHasABindingOfItsOwn() throws Exception {
        try (Session session = cold(network()).input(Shape.of(2, 20)).threads(2).callers(2).build();
                ExecutorService callers = Executors.newFixedThreadPool(5)) {
            List<Future<float[]>> answers = new ArrayList<>();
            for (int c = 0; c < 5; c++) {
                Tensor x = numbers(2).mul(c);
                answers.add(callers.submit(() -> {
                    try (Binding binding = session.bind()) {
                        fill(binding, x);
                        for (int i = 0; i < 50; i++) {
                            binding.run();
                        }
                        return binding.output().toArray(JAVA_FLOAT);
                    }
                }));
            }
            for (int c = 0; c < 5; c++) {
                assertThat(answers.get(c).get()).containsExactly(session.run(numbers(2).mul(c)).toFloats());
            }
        }
    }

    @Test
    void twoThreadsInOneBindingAreAnError() throws Exception {
        int calls = 20_000;
        try (Session session = cold(network()).input(Shape.of(2, 20)).threads(1).build();
                Binding binding = session.bind(); ExecutorService threads = Executors.newFixedThreadPool(2)) {
            CountDownLatch both = new CountDownLatch(2);
            List<Future<Integer>> refused = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                refused.add(threads.submit(() -> {
                    both.countDown();
                    both.await();
                    int errors = 0;
                    for (int i = 0; i < calls; i++) {
                        try {
                            binding.run();
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessage(
                                    "binding: another thread is using it; each caller needs a binding of its own");
                            errors++;
                        }
                    }
                    return errors;
                }));
            }
            assertThat(refused.get(0).get() + refused.get(1).get()).isBetween(1, 2 * calls - 1);
        }
    }

    @Test
    void aSessionIsClosedAfterTheRunsThatAreUnderWay() throws Exception {
        for (int round = 0; round < 20; round++) {
            Session session = cold(network()).input(Shape.of(2, 20)).threads(1).build();
            Binding binding = session.bind();
            fill(binding, numbers(2));
            CountDownLatch running = new CountDownLatch(1);
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                Future<String> end = thread.submit(() -> {
                    while (true) {
                        try {
                            binding.run();
                            running.countDown();
                        } catch (IllegalStateException e) {
                            return e.getMessage();
                        }
                    }
                });
                running.await();
                session.close();
                // While the session takes the binding from its caller, that caller is told of another thread.
                assertThat(end.get()).isIn(
                        "binding: used after it was closed",
                        "binding: another thread is using it; each caller needs a binding of its own");
            }
        }
    }

    @Test
    void memoryEndsWithTheBindingOrTheSession() {
        try (Engine engine = Engine.builder().threads(2).debug(true).build()) {
            engine.run(() -> {
                Session session = cold(network()).input(Shape.of(1, 20)).build();
                long reserved = engine.memory().statistics().reserved();
                Binding first = session.bind();
                Binding second = session.bind();
                first.close();
                first.close();
                assertThatThrownBy(first::run).isInstanceOf(IllegalStateException.class)
                        .hasMessage("binding: used after it was closed");
                assertThatThrownBy(() -> first.input().get(JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
                second.run();
                session.close();
                assertThatThrownBy(second::run).isInstanceOf(IllegalStateException.class)
                        .hasMessage("binding: used after it was closed");
                assertThatThrownBy(() -> second.output().get(JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(session::bind).isInstanceOf(IllegalStateException.class)
                        .hasMessage("session: used after it was closed");
                second.close();
                assertThat(engine.memory().statistics().reserved()).isLessThanOrEqualTo(reserved);
                assertThat(engine.memory().leaks()).noneMatch(l -> l.startsWith("session"));
            });
        }
    }
}
