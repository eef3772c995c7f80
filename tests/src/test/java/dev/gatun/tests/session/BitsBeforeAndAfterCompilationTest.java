package dev.gatun.tests.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.nn.Module;
import dev.gatun.nn.Session;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.BatchNorm;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.nn.layers.Flatten;
import dev.gatun.nn.layers.Linear;
import dev.gatun.nn.layers.Pool;
import dev.gatun.nn.layers.Sequential;
import dev.gatun.nn.loss.Losses;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The first run is interpreted, or compiled by others for other shapes; later ones are compiled by C1, then by C2. The
/// bits never change on the way.
class BitsBeforeAndAfterCompilationTest {
    private static Module network() {
        Generator g = Generator.of(11);
        return new Sequential(
                new Conv2d(2, 7, ConvOptions.kernel(3).withPadding(1), g), BatchNorm.of2d(7), Activation.gelu(),
                Pool.max2d(2), new Conv2d(7, 9, ConvOptions.kernel(3), g), Activation.tanh(), new Flatten(),
                new Linear(9 * 3 * 3, 5, g), Activation.softmax(1));
    }

    @Test
    void aSessionsAnswerStaysTheSame() {
        Tensor x = Generator.of(12).normal(0, 1, 3, 2, 10, 10);
        try (Session session =
                Session.builder(network()).input(Shape.of(3, 2, 10, 10)).warmUp(Duration.ZERO).build()) {
            float[] first = session.run(x).toFloats();
            Tensor out = Tensor.zeros(3, 5);
            for (int i = 0; i < 12_000; i++) {
                session.run(x, out);
                if (i % 100 == 0) {
                    assertThat(out.toFloats()).containsExactly(first);
                }
            }
            assertThat(out.toFloats()).containsExactly(first);
        }
    }

    @Test
    void theGradientsOfATrainingStepStayTheSame() {
        Module model = network();
        Tensor x = Generator.of(12).normal(0, 1, 6, 2, 10, 10);
        Tensor labels = Tensor.of(new long[] {0, 1, 2, 3, 4, 0}, 6);
        List<float[]> first = gradients(model, x, labels);
        for (int i = 0; i < 600; i++) {
            List<float[]> now = gradients(model, x, labels);
            for (int p = 0; p < first.size(); p++) {
                assertThat(now.get(p)).containsExactly(first.get(p));
            }
        }
    }

    private static List<float[]> gradients(Module model, Tensor x, Tensor labels) {
        model.zeroGrad();
        List<float[]> gradients = new ArrayList<>();
        try (Scope _ = Engine.current().scope()) {
            Losses.crossEntropy(model.forward(x), labels).backward();
            for (Tensor p : model.parameters().values()) {
                Tensor gradient = p.grad();
                assertThat(gradient).isNotNull();
                gradients.add(gradient.toFloats());
            }
        }
        return gradients;
    }
}
