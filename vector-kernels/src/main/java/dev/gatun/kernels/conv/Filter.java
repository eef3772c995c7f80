package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/// Weights `[oc, c, kh, kw]` as rows of `c·kh·kw` numbers.
final class Filter {
    /// Rows of a transposed filter that are written in turn.
    private static final int CHANNELS = 64;

    private Filter() {}

    /// True when the rows can be read where they are.
    static boolean isRows(View w) {
        return w.count() == 0 || w.dim(1) <= 1 || w.stride(1) == w.dim(2) * w.dim(3);
    }

    /// Bytes from one row to the next when copied: not a multiple of 1 KiB, or the rows of a tile would fall on the same
    /// few lines of the first-level cache.
    static long rowBytes(int k) {
        long bytes = 4L * k + 63 & ~63L;
        return bytes % 1024 == 0 ? bytes + 64 : bytes;
    }

    /// Copies row `o` to byte `at`.
    static void copyRow(View w, int o, MemorySegment to, long at) {
        int taps = w.dim(2) * w.dim(3);
        for (int c = 0; c < w.dim(1); c++) {
            long from = w.offset() + 4L * o * w.stride(0) + 4L * c * w.stride(1);
            MemorySegment.copy(w.segment(), from, to, at + 4L * c * taps, 4L * taps);
        }
    }

    /// Lanes that [#transpose] takes tap i of a filter from, as it wants them; null for taps that are no vector.
    static float @Nullable [] order(View w, int[] taps) {
        if (w.dim(2) * w.dim(3) > VL || taps.length == 0) {
            return null;
        }
        float[] lanes = new float[VL];
        for (int i = 0; i < taps.length; i++) {
            lanes[i] = taps[i];
        }
        return lanes;
    }

    /// Rows of the transposed filter: `row c[(o, i)] = w[first + o, c, taps[i]]` for `count` values of o. Some channels at a
    /// time, so that the ends of their rows stay in the first-level cache.
    static void transpose(
            View w, int first, int count, int[] taps, float @Nullable [] order, MemorySegment to, long at,
            long rowBytes) {
        for (int c0 = 0; c0 < w.dim(1); c0 += CHANNELS) {
            int channels = Math.min(CHANNELS, w.dim(1) - c0);
            for (int o = 0; o < count; o++) {
                long from = w.offset() + 4L * (first + o) * w.stride(0) + 4L * c0 * w.stride(1);
                long target = at + c0 * rowBytes + 4L * o * taps.length;
                if (order == null) {
                    taps(w.segment(), from, 4L * w.stride(1), taps, to, target, rowBytes, channels);
                } else {
                    taps(w.segment(), from, 4L * w.stride(1), w.dim(2) * w.dim(3), order, taps.length, to, target,
                            rowBytes, channels);
                }
            }
        }
    }

    private static void taps(
            MemorySegment w, long from, long step, int[] taps, MemorySegment to, long at, long toStep, int channels) {
        w = OffHeap.of(w);
        to = OffHeap.of(to);
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < taps.length; i++) {
                to.set(FLOAT, at + c * toStep + 4L * i, w.get(FLOAT, from + c * step + 4L * taps[i]));
            }
        }
    }

    private static void taps(
            MemorySegment w, long from, long step, int all, float[] order, int taps, MemorySegment to, long at,
            long toStep, int channels) {
        w = OffHeap.of(w);
        to = OffHeap.of(to);
        FloatVector lanes = FloatVector.fromArray(F, order, 0);
        VectorMask<Float> read = IOTA.compare(LT, (float) all);
        VectorMask<Float> written = IOTA.compare(LT, (float) taps);
        for (int c = 0; c < channels; c++) {
            lanes.selectFrom(fromMemorySegment(F, w, from + c * step, ORDER, read))
                    .intoMemorySegment(to, at + c * toStep, ORDER, written);
        }
    }
}
