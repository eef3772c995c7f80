package dev.gatun.tests.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.models.LstmEncoder;
import dev.gatun.nn.models.MobileNetV2;
import dev.gatun.nn.models.ResNet;
import dev.gatun.nn.models.TimeSeriesCnn;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import dev.gatun.tests.SmallModels;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// A session of each model: the eager module's answer, the same bits for every number of threads, nothing allocated.
class ModelSessionTest {
    private static final SmallModels TIME_SERIES =
            new SmallModels("time series cnn as published", Shape.of(1, 3, 80), TimeSeriesCnn::of);

    private static final SmallModels LSTM =
            new SmallModels("lstm encoder", Shape.of(3, 9, 7), g -> new LstmEncoder(7, 20, 2, g));

    /// Small relatives, and some networks as published, on small inputs.
    private static Stream<SmallModels> models() {
        return Stream.concat(SmallModels.ALL.stream(), Stream.of(TIME_SERIES, LSTM,
                new SmallModels("lstm encoder as published", Shape.of(1, 20, 128), LstmEncoder::of),
                new SmallModels("resnet 18 as published", Shape.of(1, 3, 48, 48), ResNet::of18),
                new SmallModels("mobilenetv2 as published", Shape.of(1, 3, 48, 48), MobileNetV2::of)));
    }

    private static Tensor input(SmallModels model) {
        return Generator.of(6).normal(0, 1, model.input().dims());
    }

    @TestFactory
    Stream<DynamicTest> answersLikeTheModuleWithTheSameBitsForAllThreads() {
        return models().map(m -> DynamicTest.dynamicTest(m.name(), () -> {
            try (Module module = m.make()) {
                Tensor x = input(m);
                module.eval();
                float[] eager = Autograd.noGrad(() -> module.forward(x)).toFloats();
                float[] first = run(module, x, 1);
                float largest = 0;
                for (float v : eager) {
                    largest = Math.max(largest, Math.abs(v));
                }
                assertThat(largest).isPositive();
                assertThat(first).containsExactly(eager, within(1e-4f * largest));
                for (int threads : new int[] {2, 3, 7}) {
                    assertThat(run(module, x, threads)).as("%d threads", threads).containsExactly(first);
                }
            }
        }));
    }

    private static float[] run(Module module, Tensor x, int threads) {
        try (Session session =
                Session.builder(module).input(x.shape()).threads(threads).warmUp(Duration.ZERO).build()) {
            return session.run(x).toFloats();
        }
    }

    @TestFactory
    Stream<DynamicTest> allocatesNothing() {
        return Stream.concat(SmallModels.ALL.stream(), Stream.of(TIME_SERIES, LSTM))
                .map(m -> DynamicTest.dynamicTest(m.name(), () -> {
                    try (Module module = m.make();
                            Session session =
                                    Session.builder(module).input(m.input()).warmUp(Duration.ofSeconds(1)).build()) {
                        Tensor x = input(m);
                        Tensor y = Tensor.zeros(session.output(m.input()).dims());
                        var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                        long least = Long.MAX_VALUE;
                        // What is not compiled yet may allocate; a warm session must not. A busy machine compiles late.
                        long end = System.nanoTime() + 20_000_000_000L;
                        while (least != 0 && System.nanoTime() < end) {
                            long before = bean.getCurrentThreadAllocatedBytes();
                            for (int i = 0; i < 20; i++) {
                                session.run(x, y);
                            }
                            least = Math.min(least, bean.getCurrentThreadAllocatedBytes() - before);
                        }
                        assertThat(least).as("bytes in 20 calls").isZero();
                    }
                }));
    }
}
