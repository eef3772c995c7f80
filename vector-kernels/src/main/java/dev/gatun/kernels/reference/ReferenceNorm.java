package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.NormCheck;

/// maths: batch statistics in two passes, `y = (x − mean)·(variance + eps)^−½·gamma + beta`, and the gradients.
/// layout: any strides; one channel after the other.
/// blocking and why: none; everything of a channel is computed in double from the operands as stored.
/// registers: two double accumulators.
/// evidence: this is the definition; gradients checked against finite differences in the tests.
public final class ReferenceNorm implements NormKernels {
    @Override
    public Call batchNorm(View x, View gamma, View beta, double eps, View y, View mean, View variance) {
        NormCheck.batchNorm(x, gamma, beta, y, mean, variance);
        double m = (double) x.dim(0) * x.dim(2);
        return _ -> {
            for (int c = 0; c < x.dim(1); c++) {
                double sum = 0;
                for (Walk w = channel(x, x, y, y); w.next();) {
                    sum += x.getDouble(at(w, 0, x, c));
                }
                double average = sum / m;
                double squares = 0;
                for (Walk w = channel(x, x, y, y); w.next();) {
                    double d = x.getDouble(at(w, 0, x, c)) - average;
                    squares += d * d;
                }
                double biased = squares / m;
                double scale = parameter(gamma, c) / StrictMath.sqrt(biased + eps);
                double shift = parameter(beta, c);
                for (Walk w = channel(x, x, y, y); w.next();) {
                    double d = x.getDouble(at(w, 0, x, c)) - average;
                    y.setDouble(at(w, 1, y, c), d * scale + shift);
                }
                mean.setDouble((long) c * mean.stride(0), average);
                variance.setDouble((long) c * variance.stride(0), biased);
            }
        };
    }

    @Override
    public Call batchNormGradient(
            View x, View gamma, View mean, View variance, double eps, View gy, View gx, View ggamma, View gbeta) {
        NormCheck.batchNormGradient(x, gamma, mean, variance, gy, gx, ggamma, gbeta);
        double m = (double) x.dim(0) * x.dim(2);
        return _ -> {
            for (int c = 0; c < x.dim(1); c++) {
                double average = parameter(mean, c);
                double s = 1 / StrictMath.sqrt(parameter(variance, c) + eps);
                double sum = 0;
                double sumHat = 0;
                for (Walk w = channel(x, x, gy, gx); w.next();) {
                    double g = gy.getDouble(at(w, 1, gy, c));
                    sum += g;
                    sumHat += g * (x.getDouble(at(w, 0, x, c)) - average) * s;
                }
                for (Walk w = channel(x, x, gy, gx); w.next();) {
                    double hat = (x.getDouble(at(w, 0, x, c)) - average) * s;
                    double g = gy.getDouble(at(w, 1, gy, c));
                    gx.setDouble(at(w, 2, gx, c), parameter(gamma, c) * s * (g - sum / m - hat * sumHat / m));
                }
                ggamma.setDouble((long) c * ggamma.stride(0), sumHat);
                gbeta.setDouble((long) c * gbeta.stride(0), sum);
            }
        };
    }

    private static double parameter(View v, int c) {
        return v.getDouble((long) c * v.stride(0));
    }

    private static long at(Walk w, int pattern, View v, int c) {
        return w.at(pattern) + (long) c * v.stride(1);
    }

    private static Walk channel(View shape, View a, View b, View c) {
        int[] dims = {shape.dim(0), shape.dim(2)};
        return Walk.over(dims, along(a), along(b), along(c));
    }

    private static int[] along(View v) {
        return new int[] {v.stride(0), v.stride(2)};
    }
}
