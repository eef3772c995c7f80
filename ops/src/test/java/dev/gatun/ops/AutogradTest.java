package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AutogradTest {
    private static float[] grad(Tensor leaf) {
        return Objects.requireNonNull(leaf.grad()).toFloats();
    }

    @Test
    void chainOfProductAndSum() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3}).requiresGrad(true);
            Tensor y = Tensor.of(new float[] {4, 5, 6}).requiresGrad(true);
            Tensor z = x.mul(y).add(x).sum();
            assertThat(z.item()).isEqualTo(38);
            z.backward();
            assertThat(grad(x)).containsExactly(5, 6, 7);
            assertThat(grad(y)).containsExactly(1, 2, 3);
        });
    }

    @Test
    void broadcastOperandsGetSummedGradients() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).requiresGrad(true);
            Tensor row = Tensor.of(new float[] {1, 10, 100}).requiresGrad(true);
            Tensor column = Tensor.of(new float[] {2, 3}, 2, 1).requiresGrad(true);
            x.mul(row).add(column).sum().backward();
            assertThat(grad(x)).containsExactly(1, 10, 100, 1, 10, 100);
            assertThat(grad(row)).containsExactly(5, 7, 9);
            assertThat(grad(column)).containsExactly(3, 3);
        });
    }

    @Test
    void tensorUsedTwiceAndLeafAccumulation() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {3}).requiresGrad(true);
            x.mul(x).add(x).sum().backward();
            assertThat(grad(x)).containsExactly(7);
            x.mul(2).sum().backward();
            assertThat(grad(x)).containsExactly(9);
            x.zeroGrad();
            assertThat(x.grad()).isNull();
        });
    }

    @Test
    void matmulGradientsBothSides() {
        Reference.run(() -> {
            Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).requiresGrad(true);
            Tensor b = Tensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2).requiresGrad(true);
            Tensor weights = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
            a.matmul(b).mul(weights).sum().backward();
            assertThat(grad(a)).containsExactly(1, 2, 3, 3, 4, 7);
            assertThat(grad(b)).containsExactly(13, 18, 17, 24, 21, 30);
        });
    }

    @Test
    void batchedMatmulSumsOverTheBatchOfASharedOperand() {
        Reference.run(() -> {
            Tensor a = Tensor.ones(2, 2, 3).requiresGrad(true);
            Tensor b = Tensor.ones(2, 1, 3, 4).requiresGrad(true);
            Tensor c = a.matmul(b);
            assertThat(c.shape()).isEqualTo(Shape.of(2, 2, 2, 4));
            c.sum().backward();
            assertThat(grad(a)).containsOnly(8).hasSize(12);
            assertThat(grad(b)).containsOnly(4).hasSize(24);
        });
    }

    @Test
    void viewsCarryGradients() {
        Reference.run(() -> {
            Tensor x = Tensor.arange(0.0, 12, 1).reshape(3, 4).detach().requiresGrad(true);
            Tensor picked = x.permute(1, 0).slice(0, 1, 4, 2).reshape(6);
            assertThat(picked.toFloats()).containsExactly(1, 5, 9, 3, 7, 11);
            picked.mul(Tensor.of(new float[] {1, 2, 3, 4, 5, 6})).sum().backward();
            assertThat(grad(x)).containsExactly(0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6);
        });
    }

    @Test
    void unfoldAddsOverlapping() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4}).requiresGrad(true);
            Tensor windows = x.unfold(0, 2, 1);
            assertThat(windows.toFloats()).containsExactly(1, 2, 2, 3, 3, 4);
            windows.sum().backward();
            assertThat(grad(x)).containsExactly(1, 2, 2, 1);
        });
    }

    @Test
    void noGradRecordsNothing() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(2).requiresGrad(true);
            assertThat(Autograd.noGrad(() -> x.mul(2)).requiresGrad()).isFalse();
            assertThat(x.detach().mul(2).requiresGrad()).isFalse();
            assertThat(x.mul(2).requiresGrad()).isTrue();
            assertThat(x.gt(1).requiresGrad()).isFalse();
        });
    }

    @Test
    void backwardTwiceNeedsRetain() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(2).requiresGrad(true);
            Tensor y = x.mul(x).sum();
            y.backward(true);
            y.backward();
            assertThat(grad(x)).containsExactly(4, 4);
            assertThatThrownBy(y::backward).isInstanceOf(IllegalStateException.class)
                    .hasMessage("backward: the graph was already used and freed (at sum); to go through it twice, call"
                            + " backward(true) the first time");
            assertThat(grad(x)).containsExactly(4, 4);
        });
    }

    @Test
    void nonScalarNeedsAGradient() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(2, 3).requiresGrad(true);
            Tensor y = x.mul(2);
            assertThatThrownBy(y::backward).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("backward: a tensor with more than one element needs a gradient to start from: shape"
                            + " [2, 3]; call backward(gradient) or reduce with sum() or mean()");
            assertThatThrownBy(() -> y.backward(Tensor.ones(3))).hasMessage(
                    "backward: the gradient must have type and shape of the tensor: F32[3] and F32[2, 3]");
            y.backward(Tensor.full(y.dtype(), y.shape(), 3));
            assertThat(grad(x)).containsOnly(6);
            assertThatThrownBy(() -> Tensor.ones(1).backward()).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("backward: the tensor F32[1] does not require gradients");
        });
    }

    @Test
    void inPlaceGuard() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad(true);
            assertThatThrownBy(() -> x.addInPlace(1)).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("add in place: the tensor F32[2] is a leaf that requires gradients");
            Tensor y = x.mul(2);
            Tensor z = y.mul(y);
            y.addInPlace(1);
            assertThatThrownBy(() -> z.sum().backward()).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("backward: input 0 F32[2] of mul was changed in place");
            Autograd.noGrad(() -> x.addInPlace(1));
            assertThat(x.toFloats()).containsExactly(2, 3);
        });
    }

    @Test
    void inPlaceOnAnIntermediateIsRecorded() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {1, -2}).requiresGrad(true);
            Tensor y = x.mul(3).mulInPlace(x).addInPlace(1).reluInPlace();
            assertThat(y.toFloats()).containsExactly(4, 13);
            y.sum().backward();
            assertThat(grad(x)).containsExactly(6, -12);
        });
    }

    @Test
    void viewTakenBeforeAnInPlaceWriteIsRefused() {
        Reference.run(() -> {
            Tensor x = Tensor.ones(4).requiresGrad(true);
            Tensor y = x.mul(2);
            Tensor view = y.reshape(2, 2);
            assertThatThrownBy(() -> view.addInPlace(1)).hasMessageContaining("is a view and gradients are recorded");
            y.addInPlace(1);
            assertThatThrownBy(() -> view.mul(2)).isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "mul: the view F32[2, 2] was taken before its tensor was changed in place; take the view"
                                    + " again");
            y.reshape(2, 2).sum().backward();
            assertThat(grad(x)).containsOnly(2);
        });
    }

    @Test
    void gradientsWithRespectToAnythingAndTwice() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {2, 3}).requiresGrad(true);
            Tensor middle = x.mul(x);
            Tensor y = middle.mul(x).sum();
            List<Tensor> first = Autograd.gradients(y, List.of(x, middle), true);
            assertThat(first.get(0).toFloats()).containsExactly(12, 27);
            assertThat(first.get(1).toFloats()).containsExactly(2, 3);
            assertThat(x.grad()).isNull();
            first.get(0).sum().backward();
            assertThat(grad(x)).containsExactly(12, 18);
        });
    }

    @Test
    void sameBitsTwice() {
        Reference.run(() -> {
            float[] before = new float[0];
            for (int round = 0; round < 2; round++) {
                Tensor x = Generator.of(5).normal(0, 1, 4, 4).requiresGrad(true);
                x.matmul(x).tanh().mul(x).add(x).sum().backward();
                if (round == 1) {
                    assertThat(grad(x)).containsExactly(before);
                }
                before = grad(x);
            }
        });
    }

    /// `x³` by hand.
    record Cube() implements CustomOp {
        @Override
        public String name() {
            return "cube";
        }

        @Override
        public List<Signature> infer(List<Signature> inputs) {
            return inputs;
        }

        @Override
        public Call bind(Kernels kernels, List<View> in, List<View> out) {
            Expr x = Expr.input(0);
            return kernels.pointwise().map(List.of(x.times(x).times(x)), in, out);
        }

        @Override
        public List<@Nullable Tensor> backward(Backward context) {
            return Backward.only(context.gradient().mul(3).mul(context.input(0).square()));
        }
    }

    @Test
    void customOp() {
        Reference.run(() -> {
            Tensor x = Tensor.of(new float[] {2, -1}).requiresGrad(true);
            Tensor y = Tensor.apply(new Cube(), x).getFirst();
            assertThat(y.toFloats()).containsExactly(8, -1);
            y.sum().backward();
            assertThat(grad(x)).containsExactly(12, 3);
        });
    }

    @Test
    void everythingIsFreedAsItIsUsed() {
        Reference.run(() -> {
            Engine engine = Engine.current();
            Tensor x = Tensor.ones(8).requiresGrad(true);
            Tensor loss;
            try (Scope scope = engine.scope()) {
                loss = scope.keep(x.mul(2).exp().sum());
            }
            loss.backward();
            // x, its gradient, the loss.
            assertThat(engine.memory().statistics().blocks()).isEqualTo(3);
        });
    }

    @Test
    void multilayerPerceptronLearnsXor() {
        Reference.run(() -> {
            Engine engine = Engine.current();
            Generator random = Generator.of(1);
            Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
            Tensor target = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
            List<Tensor> parameters = List.of(random.normal(0, 1, 8, 2), Tensor.zeros(8), random.normal(0, 1, 1, 8),
                    Tensor.zeros(1));
            parameters.forEach(p -> p.requiresGrad(true));
            double first = 0;
            double last = 0;
            long blocks = 0;
            for (int step = 0; step < 300; step++) {
                try (Scope _ = engine.scope()) {
                    Tensor hidden = x.linear(parameters.get(0), parameters.get(1)).tanh();
                    Tensor loss = hidden.linear(parameters.get(2), parameters.get(3)).sub(target).square().mean();
                    loss.backward();
                    Autograd.noGrad(() -> parameters.forEach(p -> {
                        p.subInPlace(Objects.requireNonNull(p.grad()).mul(0.2));
                        p.zeroGrad();
                    }));
                    last = loss.item();
                }
                if (step == 0) {
                    first = last;
                    blocks = engine.memory().statistics().blocks();
                }
                assertThat(engine.memory().statistics().blocks()).isEqualTo(blocks);
            }
            assertThat(first).isGreaterThan(0.2);
            assertThat(last).isLessThan(0.01);
        });
    }
}
