package dev.gatun.kernels.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/// Views filled with numbers, runs, and comparisons against the reference.
public final class Numbers {
    private Numbers() {}

    /// A contiguous view of zeros.
    public static View zeros(DType dtype, int... dims) {
        long bytes = Math.max(64, (long) View.count(dims) * dtype.bytes());
        return View.of(Arena.ofAuto().allocate(bytes, 64), 0, dtype, dims);
    }

    /// A contiguous F32 view of numbers in (−1, 1).
    public static View random(long seed, int... dims) {
        View v = zeros(DType.F32, dims);
        Random random = new Random(seed);
        for (int i = 0; i < v.count(); i++) {
            v.setDouble(i, random.nextDouble(-1, 1));
        }
        return v;
    }

    /// The same numbers `[n, c, h, w]` in a block with holes between images and between channels.
    public static View spaced(View v) {
        int plane = v.dim(2) * v.dim(3);
        int strideC = plane + 3;
        int strideN = v.dim(1) * strideC + 5;
        View block = zeros(DType.F32, Math.max(1, v.dim(0)) * strideN + 7);
        View out = block.restride(2, v.dims(), new int[] {strideN, strideC, v.dim(3), 1});
        for (int n = 0; n < v.dim(0); n++) {
            for (int c = 0; c < v.dim(1); c++) {
                for (int i = 0; i < plane; i++) {
                    out.setDouble((long) n * strideN + (long) c * strideC + i,
                            v.getDouble((long) n * v.stride(0) + (long) c * v.stride(1) + i));
                }
            }
        }
        return out;
    }

    /// The same numbers with the channels of a pixel side by side, pixels `gap` and images some elements further apart.
    public static View last(View v, int gap) {
        int c = Math.max(1, v.dim(1) + gap);
        int image = c * v.dim(2) * v.dim(3) + (gap > 0 ? 5 : 0);
        View block = zeros(DType.F32, Math.max(1, v.dim(0)) * image + 7);
        View out = block.restride(gap, v.dims(), new int[] {image, 1, v.dim(3) * c, c});
        int i = 0;
        double[] numbers = values(v);
        for (int n = 0; n < v.dim(0); n++) {
            for (int k = 0; k < v.dim(1); k++) {
                for (int p = 0; p < v.dim(2) * v.dim(3); p++) {
                    out.setDouble((long) n * image + k + (long) p * c, numbers[i++]);
                }
            }
        }
        return out;
    }

    /// Runs with scratch memory full of NaN.
    public static void run(Call call) {
        MemorySegment scratch = Arena.ofAuto().allocate(Math.max(64, call.scratchBytes()), 64);
        scratch.fill((byte) 0xFF);
        call.run(scratch);
    }

    /// All elements in row-major order.
    public static double[] values(View v) {
        double[] out = new double[v.count()];
        int[] at = new int[v.rank()];
        for (int i = 0; i < out.length; i++) {
            long index = 0;
            for (int d = 0; d < at.length; d++) {
                index += (long) at[d] * v.stride(d);
            }
            out[i] = v.getDouble(index);
            for (int d = at.length - 1; d >= 0 && ++at[d] == v.dim(d); d--) {
                at[d] = 0;
            }
        }
        return out;
    }

    /// Every element within `tolerance` of the reference, NaN where that is NaN.
    public static void near(String what, View actual, View expected, double tolerance) {
        double[] a = values(actual);
        double[] e = values(expected);
        assertThat(a).as(what).hasSameSizeAs(e);
        for (int i = 0; i < a.length; i++) {
            boolean same = a[i] == e[i] || Double.isNaN(a[i]) && Double.isNaN(e[i]);
            if (!same && !(Math.abs(a[i] - e[i]) <= tolerance)) {
                assertThat(a[i]).as(what + ": element " + i + " of " + expected).isEqualTo(e[i]);
            }
        }
    }

    /// The same bits.
    public static void same(String what, View actual, View expected) {
        double[] a = values(actual);
        double[] e = values(expected);
        int at = Arrays.mismatch(a, e);
        if (at >= 0) {
            assertThat(a[at]).as(what + ": element " + at + " of " + expected).isEqualTo(e[at]);
        }
        assertThat(at).as(what).isEqualTo(-1);
    }
}
