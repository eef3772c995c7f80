package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.SoftmaxKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.SoftmaxCheck;

/// maths: `y = e^(x − max)/Σ e^(x − max)`, its logarithm `x − max − ln Σ`, and their gradients from y and gy.
/// layout: any strides, one line along `dim` after the other.
/// blocking and why: none; three passes over a line (largest, sum, result).
/// registers: two double accumulators.
/// evidence: this is the definition; checked on worked examples in the tests.
public final class ReferenceSoftmax implements SoftmaxKernels {
    @Override
    public Call softmax(View in, View out, int dim, boolean log) {
        SoftmaxCheck.softmax(in, out, dim);
        int n = in.dim(dim);
        long si = in.stride(dim);
        long so = out.stride(dim);
        Walk lines = lines(in, dim, in, out);
        return _ -> {
            for (lines.reset(); lines.next();) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    largest = Math.max(largest, in.getDouble(lines.at(0) + i * si));
                }
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += StrictMath.exp(in.getDouble(lines.at(0) + i * si) - largest);
                }
                for (int i = 0; i < n; i++) {
                    double x = in.getDouble(lines.at(0) + i * si) - largest;
                    out.setDouble(lines.at(1) + i * so, log ? x - StrictMath.log(sum) : StrictMath.exp(x) / sum);
                }
            }
        };
    }

    @Override
    public Call gradient(View y, View gy, View gx, int dim, boolean log) {
        SoftmaxCheck.gradient(y, gy, gx, dim);
        int n = y.dim(dim);
        long sy = y.stride(dim);
        long sg = gy.stride(dim);
        long sx = gx.stride(dim);
        Walk lines = lines(y, dim, y, gy, gx);
        return _ -> {
            for (lines.reset(); lines.next();) {
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    double g = gy.getDouble(lines.at(1) + i * sg);
                    sum += log ? g : g * y.getDouble(lines.at(0) + i * sy);
                }
                for (int i = 0; i < n; i++) {
                    double v = y.getDouble(lines.at(0) + i * sy);
                    double g = gy.getDouble(lines.at(1) + i * sg);
                    gx.setDouble(lines.at(2) + i * sx, log ? g - StrictMath.exp(v) * sum : v * (g - sum));
                }
            }
        };
    }

    private static Walk lines(View shape, int dim, View... views) {
        int[] dims = shape.dims();
        dims[dim] = Math.min(dims[dim], 1);
        int[][] strides = new int[views.length][];
        for (int i = 0; i < views.length; i++) {
            strides[i] = views[i].strides();
        }
        return Walk.over(dims, strides);
    }
}
