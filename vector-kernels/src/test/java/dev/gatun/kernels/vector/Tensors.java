package dev.gatun.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.reference.Walk;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;

/// Random operands of every kind of stride, and comparisons.
final class Tensors {
    private final Arena arena = Arena.ofAuto();
    private final Random random;

    Tensors(long seed) {
        random = new Random(seed);
    }

    View strided(DType dtype, int[] dims, int[] strides) {
        long last = 1;
        for (int i = 0; i < dims.length; i++) {
            last += Math.max(0, dims[i] - 1L) * strides[i];
        }
        View all = View.of(arena.allocate(last * dtype.bytes() + 64, 64), 0, dtype, (int) last);
        for (int i = 0; i < last; i++) {
            double v = dtype.isFloating() ? random.nextGaussian() * 2 : random.nextInt(dtype == DType.BOOL ? 2 : 200);
            all.setDouble(i, v);
        }
        return all.restride(0, dims, strides);
    }

    View dense(DType dtype, int... dims) {
        return strided(dtype, dims, View.contiguousStrides(dims));
    }

    /// Dims stored in reverse order.
    View reversed(DType dtype, int... dims) {
        int n = dims.length;
        int[] turned = new int[n];
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            turned[i] = dims[n - 1 - i];
            order[i] = n - 1 - i;
        }
        return dense(dtype, turned).permute(order);
    }

    /// Every third element of a larger array.
    View sparse(DType dtype, int... dims) {
        int[] strides = View.contiguousStrides(Arrays.stream(dims).map(d -> d + 1).toArray());
        Arrays.setAll(strides, i -> strides[i] * 3);
        return strided(dtype, dims, strides);
    }

    void run(Call call) {
        call.run(arena.allocate(Math.max(64, call.scratchBytes()), 64));
    }

    static void same(View actual, View expected) {
        for (Walk w = Walk.over(actual.dims(), actual.strides(), expected.strides()); w.next();) {
            double x = actual.getDouble(w.at(0));
            double y = expected.getDouble(w.at(1));
            // An assertion per element would take most of the time.
            if (Double.compare(x, y) != 0) {
                assertThat(Double.valueOf(x)).as("%s at %s", actual, w.position()).isEqualTo(Double.valueOf(y));
            }
        }
    }

    /// |actual − expected| ≤ absolute + relative·|expected|, both NaN, or both the same infinity.
    static void close(View actual, View expected, double relative, double absolute) {
        for (Walk w = Walk.over(actual.dims(), actual.strides(), expected.strides()); w.next();) {
            double x = actual.getDouble(w.at(0));
            double y = expected.getDouble(w.at(1));
            boolean equal = Double.compare(x, y) == 0 || Math.abs(x - y) <= absolute + relative * Math.abs(y);
            if (!equal) {
                assertThat(x).as("%s at %s", actual, w.position()).isEqualTo(y);
            }
        }
    }
}
