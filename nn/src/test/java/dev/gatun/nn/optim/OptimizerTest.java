package dev.gatun.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.ops.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every optimiser against its formula, written out again for one number in double, on the loss ½·(p − 3)²·p.
class OptimizerTest {
    private static final int STEPS = 12;

    private static double gradient(double p) {
        return (p - 3) * p + (p - 3) * (p - 3) / 2;
    }

    private static double[] train(BiFunction<Map<String, Tensor>, Double, Optimizer> make) {
        Tensor p = Tensor.of(new double[] {1.5, -0.5}).requiresGrad(true);
        Optimizer optimizer = make.apply(Map.of("p", p), 0.05);
        for (int t = 0; t < STEPS; t++) {
            optimizer.zeroGrad();
            Tensor d = p.sub(3);
            d.mul(d).mul(p).mul(0.5).sum().backward();
            optimizer.step();
        }
        return p.toDoubles();
    }

    private static Optimizer sgd(Map<String, Tensor> p, double rate, double decay, Sgd.Options options) {
        return new Sgd(List.of(new ParameterGroup(p, 1, decay)), rate, options);
    }

    @ParameterizedTest
    @CsvSource({"0,0,false,0", "0,0,false,0.1", "0.9,0,false,0", "0.9,0.5,false,0.1", "0.9,0,true,0.1"})
    void sgd(double momentum, double dampening, boolean nesterov, double decay) {
        double[] found = train((p, rate) -> sgd(p, rate, decay, new Sgd.Options(momentum, dampening, nesterov)));
        for (int i = 0; i < 2; i++) {
            double p = i == 0 ? 1.5 : -0.5;
            double b = 0;
            for (int t = 1; t <= STEPS; t++) {
                double g = gradient(p) + decay * p;
                b = t == 1 ? g : momentum * b + (1 - dampening) * g;
                p -= 0.05 * (momentum == 0 ? g : nesterov ? g + momentum * b : b);
            }
            assertThat(found[i]).isCloseTo(p, within(1e-9 * Math.abs(p)));
        }
    }

    @ParameterizedTest
    @CsvSource({"false,false,0", "false,false,0.1", "true,false,0.1", "false,true,0", "true,true,0.1"})
    void adam(boolean decoupled, boolean amsgrad, double decay) {
        Adam.Options options = new Adam.Options(0.8, 0.95, 1e-6, decoupled, amsgrad);
        double[] found = train((p, rate) -> new Adam(List.of(new ParameterGroup(p, 1, decay)), rate, options));
        for (int i = 0; i < 2; i++) {
            double p = i == 0 ? 1.5 : -0.5;
            double m = 0;
            double v = 0;
            double most = 0;
            for (int t = 1; t <= STEPS; t++) {
                double g = gradient(p) + (decoupled ? 0 : decay * p);
                p *= decoupled ? 1 - 0.05 * decay : 1;
                m = 0.8 * m + 0.2 * g;
                v = 0.95 * v + 0.05 * g * g;
                most = amsgrad ? Math.max(most, v) : v;
                double spread = Math.sqrt(most) / Math.sqrt(1 - Math.pow(0.95, t)) + 1e-6;
                p -= 0.05 / (1 - Math.pow(0.8, t)) * m / spread;
            }
            assertThat(found[i]).isCloseTo(p, within(1e-9 * Math.abs(p)));
        }
    }

    @Test
    void groupsHaveTheirOwnRateAndFrozenParametersStay() {
        Tensor a = Tensor.of(new float[] {1}).requiresGrad(true);
        Tensor b = Tensor.of(new float[] {1}).requiresGrad(true);
        Tensor frozen = Tensor.of(new float[] {1});
        Optimizer optimizer = new Sgd(List.of(new ParameterGroup(Map.of("a", a), 1, 0),
                new ParameterGroup(Map.of("b", b, "frozen", frozen), 0.5, 0)), 0.1, Sgd.Options.PLAIN);
        a.add(b).add(frozen).sum().backward();
        optimizer.setFactor(2);
        optimizer.step();
        assertThat(a.item()).isCloseTo(0.8, within(1e-6));
        assertThat(b.item()).isCloseTo(0.9, within(1e-6));
        assertThat(frozen.item()).isEqualTo(1);
        assertThatThrownBy(() -> new Sgd(List.of(new ParameterGroup(Map.of("a", a), 1, 0),
                new ParameterGroup(Map.of("a", b), 1, 0)), 0.1, Sgd.Options.PLAIN)).hasMessageContaining("two groups");
    }

    @Test
    void aRestoredOptimizerGoesOnToTheBit() {
        Tensor p = Tensor.of(new float[] {1, 2}).requiresGrad(true);
        Adam first = Adam.of(Map.of("p", p), 0.1);
        p.mul(p).sum().backward();
        first.step();
        Tensor q = p.detach().copy().requiresGrad(true);
        Adam second = Adam.of(Map.of("p", q), 0.1);
        Map<String, Tensor> state = new LinkedHashMap<>(first.state());
        second.load(state);
        for (int i = 0; i < 3; i++) {
            for (Tensor t : List.of(p, q)) {
                t.zeroGrad();
                t.mul(t).sum().backward();
            }
            first.step();
            second.step();
        }
        assertThat(q.toFloats()).isEqualTo(p.toFloats());
        state.remove("step.p");
        assertThatThrownBy(() -> second.load(state)).hasMessageContaining("other names");
    }

    @Test
    void clipping() {
        Tensor a = Tensor.of(new float[] {0, 0}).requiresGrad(true);
        Tensor b = Tensor.of(new float[] {0}).requiresGrad(true);
        Tensor unused = Tensor.of(new float[] {0}).requiresGrad(true);
        List<Tensor> all = List.of(a, b, unused);
        a.mul(Tensor.of(new float[] {3, -4})).sum().add(b.mul(12).sum()).backward();
        assertThat(Clipping.byNorm(all, 20)).isCloseTo(13, within(1e-5));
        assertThat(b.grad().item()).isEqualTo(12);
        assertThat(Clipping.byNorm(all, 1.3)).isCloseTo(13, within(1e-5));
        assertThat(a.grad().toFloats()[1]).isCloseTo(-0.4f, within(1e-5f));
        assertThat(b.grad().item()).isCloseTo(1.2, within(1e-5));
        Clipping.byValue(all, 0.35);
        assertThat(a.grad().toFloats()).containsExactly(new float[] {0.3f, -0.35f}, within(1e-6f));
        assertThat(unused.grad()).isNull();
    }

    @Test
    void schedules() {
        assertThat(Schedule.step(3, 0.1).factor(5)).isCloseTo(0.1, within(1e-12));
        assertThat(Schedule.cosine(10, 0.2).factor(0)).isEqualTo(1);
        assertThat(Schedule.cosine(10, 0.2).factor(5)).isCloseTo(0.6, within(1e-12));
        assertThat(Schedule.cosine(10, 0.2).factor(99)).isCloseTo(0.2, within(1e-12));
        assertThat(Schedule.warmup(4, Schedule.constant()).factor(1)).isEqualTo(0.5);
        Schedule cycle = Schedule.oneCycle(100);
        assertThat(cycle.factor(0)).isCloseTo(1 / 25.0, within(1e-12));
        assertThat(cycle.factor(29)).isCloseTo(1, within(1e-12));
        assertThat(cycle.factor(99)).isCloseTo(1 / 250_000.0, within(1e-12));
        for (int total = 1; total < 6; total++) {
            for (int t = 0; t < 8; t++) {
                assertThat(Schedule.oneCycle(total).factor(t)).isBetween(0.0, 1.0);
            }
        }
    }
}
