package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewsTest {
    private static Tensor counting(int... dims) {
        return Tensor.arange(0.0, Shape.of(dims).count(), 1).reshape(dims);
    }

    @Test
    void viewsShareMemory() {
        Reference.run(() -> {
            Tensor x = counting(2, 3);
            Tensor column = x.select(1, -1);
            assertThat(column.toFloats()).containsExactly(2, 5);
            column.fillInPlace(9);
            assertThat(x.toFloats()).containsExactly(0, 1, 9, 3, 4, 9);
            x.t().narrow(0, 0, 1).addInPlace(10);
            assertThat(x.toFloats()).containsExactly(10, 1, 9, 13, 4, 9);
        });
    }

    @Test
    void viewsOutliveTheirTensor() {
        Reference.run(() -> {
            Tensor x = Tensor.arange(0.0, 4, 1);
            Tensor view = x.slice(0, 1, 3);
            x.close();
            assertThat(view.toFloats()).containsExactly(1, 2);
            assertThatThrownBy(x::toFloats).isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "tensor: F32[4] was freed (closed, or at the end of its scope); Scope.keep lets a tensor"
                                    + " outlive its scope");
            view.close();
            assertThat(Engine.current().memory().statistics().blocks()).isZero();
        });
    }

    @Test
    void reshapeCopiesOnlyWhereItMust() {
        Reference.run(() -> {
            Tensor x = counting(2, 3, 4);
            assertThat(x.reshape(6, -1).isView()).isTrue();
            assertThat(x.permute(1, 0, 2).reshape(3, 2, 2, 2).isView()).isTrue();
            Tensor t = x.permute(2, 0, 1);
            assertThat(t.reshape(4, 6).isView()).isTrue();
            assertThat(t.reshape(4, 6).get(1, 2)).isEqualTo(9);
            assertThat(t.reshape(8, 3).toFloats()).startsWith(0, 4, 8, 12, 16, 20);
            assertThat(x.slice(2, 0, 4, 2).reshape(2, 6).toFloats())
                    .containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22);
            assertThat(x.slice(2, 0, 4, 2).reshape(12).isView()).isTrue();
            assertThatThrownBy(() -> x.permute(0, 2, 1).view(24)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("view: the strides do not allow it without a copy: F32[2, 4, 3] strides [12, 1, 4] to"
                            + " [24]; use reshape or contiguous()");
            assertThat(x.reshape(1, 24, 1).squeeze().shape()).isEqualTo(Shape.of(24));
            assertThat(Tensor.scalar(3).reshape(1, 1).shape()).isEqualTo(Shape.of(1, 1));
            assertThat(Tensor.ones(1, 1).reshape().rank()).isZero();
        });
    }

    @Test
    void shapesOfEverything() {
        Reference.run(() -> {
            Tensor x = counting(2, 3, 4);
            assertThat(x.transpose(0, -1).shape()).isEqualTo(Shape.of(4, 3, 2));
            assertThat(x.unsqueeze(-1).shape()).isEqualTo(Shape.of(2, 3, 4, 1));
            assertThat(x.unsqueeze(0).squeeze(0).shape()).isEqualTo(x.shape());
            assertThat(x.squeeze(1).shape()).isEqualTo(x.shape());
            assertThat(x.flatten(1).shape()).isEqualTo(Shape.of(2, 12));
            assertThat(x.flatten(0, 1).shape()).isEqualTo(Shape.of(6, 4));
            assertThat(x.unfold(2, 3, 1).shape()).isEqualTo(Shape.of(2, 3, 2, 3));
            assertThat(x.unsqueeze(0).expand(5, -1, 3, -1).shape()).isEqualTo(Shape.of(5, 2, 3, 4));
            assertThat(x.slice(1, -2, 99).shape()).isEqualTo(Shape.of(2, 2, 4));
            assertThat(x.slice(1, 2, 1).shape()).isEqualTo(Shape.of(2, 0, 4));
            assertThat(counting(3, 4).diagonal().toFloats()).containsExactly(0, 5, 10);
        });
    }

    @Test
    void joiningAndCutting() {
        Reference.run(() -> {
            Tensor x = counting(2, 3);
            assertThat(Tensor.cat(1, x, x.slice(1, 0, 1)).toFloats()).containsExactly(0, 1, 2, 0, 3, 4, 5, 3);
            assertThat(Tensor.stack(List.of(x, x), -1).shape()).isEqualTo(Shape.of(2, 3, 2));
            assertThat(x.split(2, 1)).extracting(Tensor::shape).containsExactly(Shape.of(2, 2), Shape.of(2, 1));
            assertThat(x.split(new int[] {1, 2}, 1).get(1).toFloats()).containsExactly(1, 2, 4, 5);
            assertThat(counting(7).chunk(3, 0)).extracting(Tensor::count).containsExactly(3, 3, 1);
            assertThat(x.repeat(2, 1).toFloats()).containsExactly(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
            assertThat(counting(3).pad(new int[] {1, 2}, 9).toFloats()).containsExactly(9, 0, 1, 2, 9, 9);
            assertThat(counting(4).pad(new int[] {-1, 1}, 0).toFloats()).containsExactly(1, 2, 3, 0);
            assertThat(counting(4).padReflect(3, 2).toFloats()).containsExactly(3, 2, 1, 0, 1, 2, 3, 2, 1);
            assertThat(counting(3).padReplicate(2, 1).toFloats()).containsExactly(0, 0, 0, 1, 2, 2);
            assertThat(x.flip(1).toFloats()).containsExactly(2, 1, 0, 5, 4, 3);
            assertThat(counting(4).roll(0, 1).toFloats()).containsExactly(3, 0, 1, 2);
            assertThat(Tensor.cat(0, x, Tensor.of(new long[] {7, 8, 9}, 1, 3)).dtype())
                    .isEqualTo(DType.F32);
        });
    }

    @Test
    void emptyTensorsAreOrdinary() {
        Reference.run(() -> {
            Tensor none = Tensor.zeros(0, 3);
            assertThat(none.sum().item()).isZero();
            assertThat(none.sum(0).toFloats()).containsExactly(0, 0, 0);
            assertThat(none.mean().item()).isNaN();
            assertThat(none.prod().item()).isEqualTo(1);
            assertThat(none.add(Tensor.ones(3)).shape()).isEqualTo(Shape.of(0, 3));
            assertThat(none.t().matmul(none).toFloats()).containsOnly(0).hasSize(9);
            assertThat(Tensor.cat(0, none, Tensor.ones(1, 3)).shape()).isEqualTo(Shape.of(1, 3));
            assertThat(none.reshape(3, 0).shape()).isEqualTo(Shape.of(3, 0));
            assertThatThrownBy(none::amax).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("amax: nothing has no extreme: shape [0, 3] reduced over dims [0, 1]");
            assertThat(none.any()).isFalse();
            assertThat(none.all()).isTrue();
        });
    }
}
