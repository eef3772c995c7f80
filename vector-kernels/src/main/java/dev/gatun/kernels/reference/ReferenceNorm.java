package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.NormKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.NormCheck;
import org.jspecify.annotations.Nullable;

/// maths: statistics in two passes, `y = (x − mean)·(variance + eps)^−½·gamma + beta`, and the gradients; the statistics
/// of batch norm are those of a channel, of layer norm those of a row; RMS norm is without mean.
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

    @Override
    public Call layerNorm(
            View x, @Nullable View weight, @Nullable View bias, double eps, View y, View mean, View scale) {
        NormCheck.rows("layerNorm", x, weight, bias, y, mean, scale);
        return _ -> rows(x, weight, bias, eps, y, mean, scale);
    }

    @Override
    public Call rmsNorm(View x, @Nullable View weight, double eps, View y, View scale) {
        NormCheck.rows("rmsNorm", x, weight, null, y, null, scale);
        return _ -> rows(x, weight, null, eps, y, null, scale);
    }

    private static void rows(
            View x, @Nullable View weight, @Nullable View bias, double eps, View y, @Nullable View mean, View scale) {
        int n = x.dim(1);
        for (int i = 0; i < x.dim(0); i++) {
            long from = (long) i * x.stride(0);
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += x.getDouble(from + (long) j * x.stride(1));
            }
            double average = mean == null ? 0 : sum / n;
            double squares = 0;
            for (int j = 0; j < n; j++) {
                double d = x.getDouble(from + (long) j * x.stride(1)) - average;
                squares += d * d;
            }
            double s = 1 / StrictMath.sqrt(squares / n + eps);
            for (int j = 0; j < n; j++) {
                double hat = (x.getDouble(from + (long) j * x.stride(1)) - average) * s;
                y.setDouble((long) i * y.stride(0) + (long) j * y.stride(1),
                        hat * (weight == null ? 1 : parameter(weight, j)) + (bias == null ? 0 : parameter(bias, j)));
            }
            if (mean != null) {
                mean.setDouble((long) i * mean.stride(0), average);
            }
            scale.setDouble((long) i * scale.stride(0), s);
        }
    }

    @Override
    public Call layerNormGradient(
            View x, @Nullable View weight, View mean, View scale, View gy, View gx, @Nullable View gweight,
            @Nullable View gbias) {
        NormCheck.rowsGradient("layerNormGradient", x, weight, mean, scale, gy, gx, gweight, gbias);
        return _ -> rowsGradient(x, weight, mean, scale, gy, gx, gweight, gbias);
    }

    @Override
    public Call rmsNormGradient(
            View x, @Nullable View weight, View scale, View gy, View gx, @Nullable View gweight) {
        NormCheck.rowsGradient("rmsNormGradient", x, weight, null, scale, gy, gx, gweight, null);
        return _ -> rowsGradient(x, weight, null, scale, gy, gx, gweight, null);
    }

    private static void rowsGradient(
            View x, @Nullable View weight, @Nullable View mean, View scale, View gy, View gx, @Nullable View gweight,
            @Nullable View gbias) {
        int n = x.dim(1);
        double[] ofWeight = new double[n];
        double[] ofBias = new double[n];
        for (int i = 0; i < x.dim(0); i++) {
            double average = mean == null ? 0 : parameter(mean, i);
            double s = parameter(scale, i);
            double sum = 0;
            double sumHat = 0;
            for (int j = 0; j < n; j++) {
                double hat = (x.getDouble((long) i * x.stride(0) + (long) j * x.stride(1)) - average) * s;
                double g = gy.getDouble((long) i * gy.stride(0) + (long) j * gy.stride(1));
                double h = g * (weight == null ? 1 : parameter(weight, j));
                sum += mean == null ? 0 : h;
                sumHat += h * hat;
                ofWeight[j] += g * hat;
                ofBias[j] += g;
            }
            for (int j = 0; j < n; j++) {
                double hat = (x.getDouble((long) i * x.stride(0) + (long) j * x.stride(1)) - average) * s;
                double h = gy.getDouble((long) i * gy.stride(0) + (long) j * gy.stride(1))
                        * (weight == null ? 1 : parameter(weight, j));
                gx.setDouble((long) i * gx.stride(0) + (long) j * gx.stride(1), s * (h - sum / n - hat * sumHat / n));
            }
        }
        for (int j = 0; j < n; j++) {
            if (gweight != null) {
                gweight.setDouble((long) j * gweight.stride(0), ofWeight[j]);
            }
            if (gbias != null) {
                gbias.setDouble((long) j * gbias.stride(0), ofBias[j]);
            }
        }
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
