package dev.gatun.nn;

import dev.gatun.nn.layers.Pool;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.kernels.Winograd;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.nn.layers.Residual;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static Sequential network() {
        Generator generator = Generator.of(3);
        return new Sequential(
                new Linear(20, 32, generator), Activation.relu(),
                new Residual(new Sequential(new Linear(32, 32, generator), Activation.gelu())),
                new Linear(32, 5, generator));
    }

    private static SessionBuilder cold(Module module) {
        return Session.builder(module).warmUp(Duration.ZERO);
    }

    @Test
    void aSessionGivesTheAnswerOfTheModuleInEvaluationMode() {
        Sequential module = network();
        Tensor x = Generator.of(5).normal(0, 1, 7, 20);
        float[] expected = module.eval().forward(x).toFloats();
        module.train();
        try (Session session = cold(module).input(Shape.of(7, 20)).build()) {
            assertThat(session.run(x).toFloats()).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
            assertThat(session.output(Shape.of(7, 20))).isEqualTo(Shape.of(7, 5));
            assertThat(module.isTraining()).isTrue();
            assertThat(session.describe()).contains("MatMul");
        }
    }

    @Test
    void explainsEveryKernelCall() {
        Sequential module = new Sequential(
                new Conv2d(3, 8, ConvOptions.kernel(3).withPadding(1), Generator.of(1)), Activation.relu(),
                Pool.max2d(2));
        try (Session session = cold(module).input(Shape.of(1, 3, 8, 8)).build()) {
            List<String> lines = session.explain().lines().toList();
            assertThat(lines).hasSize(5);
            assertThat(lines.get(0)).startsWith("3 kernel calls, ").contains("peak of ").endsWith(" GFLOP/s");
            assertThat(lines.get(2))
                    .matches(" +0 +conv2d +PixelProduct +F32\\[1, 8, 8, 8\\] nhwc +packed +[0-9.]+ +[0-9.]+"
                            + " % +[0-9.]+ +[0-9]+ %");
            assertThat(lines.get(3)).matches(" +1 +maxPool +PixelPool +F32\\[1, 8, 4, 4\\] nhwc +[0-9.]+ +[0-9.]+ % *");
            assertThat(lines.get(4)).matches(" +2 +copy +Copy +F32\\[1, 8, 4, 4\\] +[0-9.]+ +[0-9.]+ % *");
        }
    }

    @Test
    void explainsRecurrentLayersByTheirProducts() {
        int steps = 6;
        int rows = 3;
        LSTM module = new LSTM(20, 32, RecurrentOptions.DEFAULT, Generator.of(1));
        try (Session session = cold(module).input(Shape.of(steps, rows, 20)).build()) {
            String line = session.explain().lines().filter(l -> l.contains(" lstm ")).findFirst().orElseThrow();
            Matcher m = Pattern.compile(".* F32\\[6, 3, 32\\] +packed +([0-9.]+) +[0-9.]+ % +([0-9.]+) +[0-9]+ %")
                    .matcher(line);
            assertThat(m.matches()).as(line).isTrue();
            double micros = Double.parseDouble(m.group(1));
            double rate = Double.parseDouble(m.group(2));
            // Both are printed with one digit after the point.
            assertThat(rate * micros * 1e3)
                    .isCloseTo(2.0 * steps * rows * 4 * 32 * (20 + 32), within(60 * (rate + micros) + 10));
        }
    }

    @Test
    void convolutionsByAnyAlgorithmAreNearEachOther() {
        Sequential module = new Sequential(
                new Conv2d(16, 24, ConvOptions.kernel(3).withPadding(1), Generator.of(1)));
        Tensor x = Generator.of(5).normal(0, 1, 2, 16, 20, 20);
        float[] direct;
        try (Session session = cold(module).input(x.shape()).winograd(Winograd.OFF).build()) {
            direct = session.run(x).toFloats();
        }
        for (Winograd allowed : Winograd.values()) {
            for (boolean tune : new boolean[] {false, true}) {
                try (Session s = cold(module).input(x.shape()).winograd(allowed).tune(tune).build()) {
                    float[] answer = s.run(x).toFloats();
                    if (allowed == Winograd.OFF) {
                        assertThat(answer).containsExactly(direct);
                    }
                    float worst = 0;
                    for (int i = 0; i < answer.length; i++) {
                        worst = Math.max(worst, Math.abs(answer[i] - direct[i]));
                    }
                    assertThat(worst).isLessThan(1e-5f);
                    // Without tuning the cost model takes the largest tile that is allowed here.
                    if (!tune && allowed != Winograd.OFF) {
                        assertThat(worst).isPositive();
                    }
                }
            }
        }
    }

    @Test
    void laterChangesToTheModuleDoNotReachASession() {
        Sequential module = network();
        Tensor x = Generator.of(5).normal(0, 1, 1, 20);
        try (Session session = cold(module).input(Shape.of(1, 20)).build()) {
            float[] before = session.run(x).toFloats();
            module.parameters().values().forEach(p -> dev.gatun.ops.Autograd.noGrad(() -> p.mulInPlace(0)));
            assertThat(session.run(x).toFloats()).containsExactly(before);
        }
    }

    @Test
    void rowsDoNotDependOnTheBatchTheyCameIn() {
        try (Session session = cold(network()).batches(new int[] {1, 3, 8}, 20).build()) {
            Tensor x = Generator.of(5).normal(0, 1, 8, 20);
            float[] all = session.run(x).toFloats();
            for (int i = 0; i < 8; i++) {
                float[] one = session.run(x.slice(0, i, i + 1).contiguous()).toFloats();
                for (int j = 0; j < 5; j++) {
                    assertThat(one[j]).isEqualTo(all[i * 5 + j]);
                }
            }
        }
    }

    @Test
    void theBitsAreTheSameForAnyNumberOfThreadsAndAnyCaller() throws Exception {
        Sequential module = network();
        Tensor x = Generator.of(5).normal(0, 1, 8, 20);
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 7}) {
            try (Session session = cold(module).input(Shape.of(8, 20)).threads(threads).callers(3).build()) {
                float[] answer = session.run(x).toFloats();
                expected = expected == null ? answer : expected;
                assertThat(answer).containsExactly(expected);
                List<Future<float[]>> answers = new ArrayList<>();
                try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < 64; i++) {
                        answers.add(callers.submit(() -> session.run(x).toFloats()));
                    }
                }
                for (Future<float[]> a : answers) {
                    assertThat(a.get()).containsExactly(expected);
                }
            }
        }
    }

    @Test
    void segmentsMayBeOnTheHeapAndWrongSizesAreErrors() {
        try (Session session = cold(network()).input(Shape.of(1, 20)).build()) {
            MemorySegment in = MemorySegment.ofArray(Generator.of(5).normal(0, 1, 1, 20).toFloats());
            MemorySegment out = MemorySegment.ofArray(new float[5]);
            session.run(in, out);
            assertThat(out.get(JAVA_FLOAT, 0)).isCloseTo(
                    session.run(Generator.of(5).normal(0, 1, 1, 20)).toFloats()[0], within(0f));
            assertThatThrownBy(() -> session.run(MemorySegment.ofArray(new float[19]), out))
                    .hasMessage("session: no compiled input has 76 bytes; compiled are [1, 20] -> [1, 5]");
            assertThatThrownBy(() -> session.run(in, MemorySegment.ofArray(new float[4])))
                    .hasMessage("session: the output for [1, 20] is [1, 5], 20 bytes, but the segment has 16");
            assertThatThrownBy(() -> session.run(Tensor.zeros(2, 20)))
                    .hasMessage("session: the input shape was not compiled: [2, 20]; compiled are [1, 20] -> [1, 5]");
        }
    }

    @Test
    void aClosedSessionThrowsAndGivesItsMemoryBack() {
        try (Engine engine = Engine.builder().threads(2).debug(true).build()) {
            engine.run(() -> {
                Sequential module = network();
                long before = engine.memory().statistics().blocks();
                Session session = cold(module).input(Shape.of(1, 20)).build();
                assertThat(engine.memory().statistics().blocks()).isGreaterThan(before);
                Tensor x = Generator.of(5).normal(0, 1, 1, 20);
                session.run(x, Tensor.zeros(1, 5));
                session.close();
                session.close();
                assertThatThrownBy(() -> session.run(x, Tensor.zeros(1, 5)))
                        .isInstanceOf(IllegalStateException.class).hasMessage("session: used after it was closed");
                assertThat(engine.memory().leaks()).noneMatch(l -> l.startsWith("session"));
            });
        }
    }

    @Test
    void aSessionNeedsAnInput() {
        assertThatThrownBy(() -> Session.builder(network()).build())
                .hasMessage("session: declare an input shape: builder.input(Shape.of(1, …))");
    }
}
