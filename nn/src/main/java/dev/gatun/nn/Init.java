package dev.gatun.nn;

import dev.gatun.kernels.View;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.Arrays;

/// A way to fill a new parameter. Fans are those of PyTorch: for a shape `[out, in, k…]`, fan-in is `in·∏k`, fan-out
/// `out·∏k`.
@FunctionalInterface
public interface Init {
    /// Overwrites `t`, whose gradients are not recorded, with numbers from `generator`.
    void fill(Tensor t, Generator generator);

    /// A new tensor of this kind, F32, in the current scope.
    default Tensor make(Generator generator, int... dims) {
        Tensor t = Tensor.empty(dev.gatun.kernels.DType.F32, new Shape(dims));
        fill(t, generator);
        return t;
    }

    /// The same number everywhere.
    static Init constant(double value) {
        return (t, generator) -> Autograd.noGrad(() -> {
            t.fillInPlace(value);
        });
    }

    /// 0.
    static Init zeros() {
        return constant(0);
    }

    /// 1.
    static Init ones() {
        return constant(1);
    }

    /// Uniform in `[low, high)`.
    static Init uniform(double low, double high) {
        return (t, generator) -> take(t, generator.uniform(t.dtype(), t.shape(), low, high));
    }

    /// Normal.
    static Init normal(double mean, double deviation) {
        return (t, generator) -> take(t, generator.normal(t.dtype(), t.shape(), mean, deviation));
    }

    private static void take(Tensor t, Tensor numbers) {
        try (numbers) {
            Autograd.noGrad(() -> {
                t.copyFrom(numbers);
            });
        }
    }

    /// Normal, drawn again until inside `[low, high]`; throws when that interval holds less than a thousandth of the
    /// distribution's draws.
    static Init truncatedNormal(double mean, double deviation, double low, double high) {
        return (t, generator) -> {
            View to = t.view();
            int filled = 0;
            for (int round = 0; filled < to.count(); round++) {
                if (round > 1000) {
                    throw new IllegalArgumentException("truncatedNormal: hardly any draw lies in [" + low + ", " + high
                            + "] for mean " + mean + " and deviation " + deviation);
                }
                try (Tensor draws = generator.normal(t.dtype(), t.shape(), mean, deviation)) {
                    for (int i = 0; i < to.count() && filled < to.count(); i++) {
                        double value = draws.view().getDouble(i);
                        if (value >= low && value <= high) {
                            to.setDouble(filled++, value);
                        }
                    }
                }
            }
        };
    }

    /// Glorot and Bengio (2010): uniform within `±gain·√(6 / (fanIn + fanOut))`.
    static Init xavierUniform(double gain) {
        return (t, generator) -> {
            double bound = gain * Math.sqrt(6.0 / (fanIn(t.shape()) + fanOut(t.shape())));
            uniform(-bound, bound).fill(t, generator);
        };
    }

    /// Glorot and Bengio (2010): normal with deviation `gain·√(2 / (fanIn + fanOut))`.
    static Init xavierNormal(double gain) {
        return (t, generator) -> normal(0, gain * Math.sqrt(2.0 / (fanIn(t.shape()) + fanOut(t.shape()))))
                .fill(t, generator);
    }

    /// He and others (2015): uniform within `±gain·√(3 / fanIn)`; the gain of ReLU is [#RELU_GAIN].
    static Init kaimingUniform(double gain) {
        return (t, generator) -> {
            double bound = gain * Math.sqrt(3.0 / fanIn(t.shape()));
            uniform(-bound, bound).fill(t, generator);
        };
    }

    /// He and others (2015): normal with deviation `gain / √fanIn`; the gain of ReLU is [#RELU_GAIN].
    static Init kaimingNormal(double gain) {
        return (t, generator) -> normal(0, gain / Math.sqrt(fanIn(t.shape()))).fill(t, generator);
    }

    /// He and others (2015): normal with deviation `gain / √fanOut`, which keeps the variance of gradients.
    static Init kaimingNormalFanOut(double gain) {
        return (t, generator) -> normal(0, gain / Math.sqrt(fanOut(t.shape()))).fill(t, generator);
    }

    /// `√2`, which keeps the variance through a ReLU.
    double RELU_GAIN = Math.sqrt(2);

    /// What PyTorch gives the weights of linear and convolution layers: Kaiming uniform for a leaky ReLU of slope √5,
    /// that is uniform within `±1/√fanIn`.
    static Init standard() {
        return kaimingUniform(leakyReluGain(Math.sqrt(5)));
    }

    /// What PyTorch gives biases: uniform within `±1/√fanIn` of the weight they belong to.
    static Init standardBias(int fanIn) {
        double bound = fanIn == 0 ? 0 : 1 / Math.sqrt(fanIn);
        return uniform(-bound, bound);
    }

    /// `√(2 / (1 + slope²))`.
    static double leakyReluGain(double slope) {
        return Math.sqrt(2 / (1 + slope * slope));
    }

    /// Saxe and others (2013): rows of the matrix `[dims[0], rest]` are orthonormal, or its columns when there are fewer;
    /// times `gain`. Gram–Schmidt, applied twice, on normal vectors.
    static Init orthogonal(double gain) {
        return (t, generator) -> {
            int rows = t.size(0);
            int columns = rows == 0 ? 0 : t.count() / rows;
            int n = Math.min(rows, columns);
            int length = Math.max(rows, columns);
            double[][] vectors = new double[n][];
            try (Tensor draws = generator.normal(dev.gatun.kernels.DType.F64, Shape.of(n, length), 0, 1)) {
                double[] all = draws.toDoubles();
                for (int i = 0; i < n; i++) {
                    vectors[i] = Arrays.copyOfRange(all, i * length, (i + 1) * length);
                    orthonormalise(vectors, i);
                }
            }
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    t.view().setDouble(r * columns + c, gain * (rows <= columns ? vectors[r][c] : vectors[c][r]));
                }
            }
        };
    }

    private static void orthonormalise(double[][] vectors, int i) {
        double[] v = vectors[i];
        for (int pass = 0; pass < 2; pass++) {
            for (int j = 0; j < i; j++) {
                double dot = 0;
                for (int k = 0; k < v.length; k++) {
                    dot += v[k] * vectors[j][k];
                }
                for (int k = 0; k < v.length; k++) {
                    v[k] -= dot * vectors[j][k];
                }
            }
            double norm = Math.sqrt(Arrays.stream(v).map(x -> x * x).sum());
            for (int k = 0; k < v.length; k++) {
                v[k] /= norm;
            }
        }
    }

    private static int fanIn(Shape shape) {
        return fan(shape, 1);
    }

    private static int fanOut(Shape shape) {
        return fan(shape, 0);
    }

    private static int fan(Shape shape, int dim) {
        if (shape.rank() < 2) {
            throw new IllegalArgumentException("init: fans need a shape of two dims at least: " + shape);
        }
        int fan = shape.dim(dim);
        for (int i = 2; i < shape.rank(); i++) {
            fan *= shape.dim(i);
        }
        return fan;
    }
}
