package dev.gatun.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.DType;
import org.junit.jupiter.api.Test;

class PrintingTest {
    private static void prints(Tensor tensor, String text) {
        assertThat(tensor).hasToString(text);
    }

    @Test
    void numbers() {
        Reference.run(() -> {
            prints(Tensor.of(new float[] {1, 2, 3}), "tensor([1., 2., 3.])");
            prints(Tensor.of(new float[] {1, 2.5f, -3}), "tensor([ 1.0000,  2.5000, -3.0000])");
            prints(Tensor.scalar(1.5), "tensor(1.5000)");
            prints(Tensor.arange(3), "tensor([0, 1, 2])");
            prints(Tensor.of(new int[] {1, -10}), "tensor([  1, -10], dtype=I32)");
            prints(Tensor.of(new boolean[] {true, false}), "tensor([ true, false])");
            prints(Tensor.of(new double[] {0.5}), "tensor([0.5000], dtype=F64)");
            prints(Tensor.of(new float[] {1e-5f, 1}), "tensor([1.0000e-05, 1.0000e+00])");
            prints(Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1}), "tensor([nan, inf,  1.])");
            prints(Tensor.zeros(0), "tensor([])");
            prints(Tensor.zeros(0, 2), "tensor([], shape=[0, 2])");
            prints(Tensor.ones(1).requiresGrad(true), "tensor([1.], requiresGrad=true)");
        });
    }

    @Test
    void matrices() {
        Reference.run(() -> {
            prints(Tensor.eye(2), """
                    tensor([[1., 0.],
                            [0., 1.]])""");
            prints(Tensor.arange(8).reshape(2, 2, 2), """
                    tensor([[[0, 1],
                             [2, 3]],

                            [[4, 5],
                             [6, 7]]])""");
            prints(Tensor.ones(2, 3).t().slice(0, 0, 2), """
                    tensor([[1., 1.],
                            [1., 1.]])""");
        });
    }

    @Test
    void summary() {
        Reference.run(() -> {
            prints(Tensor.arange(2000), "tensor([   0,    1,    2, ..., 1997, 1998, 1999])");
            prints(Tensor.full(DType.F32, Shape.of(40, 40), 2), """
                    tensor([[2., 2., 2., ..., 2., 2., 2.],
                            [2., 2., 2., ..., 2., 2., 2.],
                            [2., 2., 2., ..., 2., 2., 2.],
                            ...,
                            [2., 2., 2., ..., 2., 2., 2.],
                            [2., 2., 2., ..., 2., 2., 2.],
                            [2., 2., 2., ..., 2., 2., 2.]])""");
        });
    }
}
