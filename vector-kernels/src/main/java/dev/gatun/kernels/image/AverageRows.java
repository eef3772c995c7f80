package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.CLASS;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Maths: `y[j] = Σ over taps (u, v) x[u·dh][j·sw + v·dw] / divisor`, and its transpose `gx[…] += gy[j] / divisor`.
/// Layout: one row of outputs, lanes along j; a step of 2 takes the even lanes of two vectors.
/// Blocking: whole vectors of outputs, the last one masked, so that no load passes the end of the last row.
/// Registers: one sum, one tap; taps in row-major order.
/// Evidence: docs/kernels-conv.md, pooling table; compared with the reference for every kernel, stride and width.
final class AverageRows {
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F, i -> 2 * i % VL);
    private static final VectorShuffle<Float> TWICE_LOW = VectorShuffle.fromOp(F, i -> i / 2);
    private static final VectorShuffle<Float> TWICE_HIGH = VectorShuffle.fromOp(F, i -> (i + VL) / 2 % VL);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << (VL / 2));

    private AverageRows() {}

    /// Outputs `0 … count − 1` of a row whose first tap of output 0 lies at byte `at`. `sw` is 1 or 2.
    static void values(
            MemorySegment x, long at, long rowStep, int rows, int colStep, int cols, int sw, float divisor,
            MemorySegment y, long to, int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int j = 0; j < count; j += VL) {
            int last = Math.min(VL - 1, count - j - 1) * sw + 1;
            VectorMask<Float> low = IOTA.compare(LT, (float) last);
            VectorMask<Float> high = IOTA.compare(LT, (float) (last - VL));
            long p0 = at + 4L * j * sw;
            FloatVector sum = FloatVector.zero(F);
            for (int u = 0; u < rows; u++) {
                long row = p0 + u * rowStep;
                for (int v = 0; v < cols; v++) {
                    long p = row + (long) v * colStep;
                    FloatVector value = fromMemorySegment(F, x, p, ORDER, low);
                    if (sw == 2) {
                        FloatVector rest = fromMemorySegment(F, x, p + BYTES, ORDER, high);
                        value = ((FloatVector) CLASS.cast(value)).rearrange(EVEN)
                                .blend(((FloatVector) CLASS.cast(rest)).rearrange(EVEN), UPPER);
                    }
                    sum = ((FloatVector) CLASS.cast(sum)).add(value);
                }
            }
            ((FloatVector) CLASS.cast(sum)).div(divisor).intoMemorySegment(y, to + 4L * j, ORDER,
                    IOTA.compare(LT, (float) (count - j)));
        }
    }

    /// `gx[j] += gy[j] / divisor` for j below count: one tap of windows a step of 1 apart.
    static void spread(MemorySegment gy, long from, float divisor, MemorySegment gx, long to, int count) {
        gy = OffHeap.of(gy);
        gx = OffHeap.of(gx);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            long q = to + 4L * j;
            fromMemorySegment(F, gx, q, ORDER).add(fromMemorySegment(F, gy, from + 4L * j, ORDER).div(divisor))
                    .intoMemorySegment(gx, q, ORDER);
        }
        if (j < count) {
            VectorMask<Float> mask = IOTA.compare(LT, (float) (count - j));
            long q = to + 4L * j;
            fromMemorySegment(F, gx, q, ORDER, mask)
                    .add(fromMemorySegment(F, gy, from + 4L * j, ORDER, mask).div(divisor))
                    .intoMemorySegment(gx, q, ORDER, mask);
        }
    }

    /// `gx[2j] = gx[2j + 1] = gy[j] / divisor` for j below count: windows of two columns side by side.
    static void twice(MemorySegment gy, long from, float divisor, MemorySegment gx, long to, int count) {
        gy = OffHeap.of(gy);
        gx = OffHeap.of(gx);
        for (int j = 0; j < count; j += VL) {
            int left = Math.min(VL, count - j);
            FloatVector g = (FloatVector) CLASS
                    .cast(fromMemorySegment(F, gy, from + 4L * j, ORDER, IOTA.compare(LT, (float) left)));
            g = g.div(divisor);
            long q = to + 8L * j;
            g.rearrange(TWICE_LOW).intoMemorySegment(gx, q, ORDER, IOTA.compare(LT, (float) (2 * left)));
            if (2 * left > VL) {
                g.rearrange(TWICE_HIGH).intoMemorySegment(gx, q + BYTES, ORDER,
                        IOTA.compare(LT, (float) (2 * left - VL)));
            }
        }
    }

    /// `value` everywhere.
    static void fill(MemorySegment gx, long to, int count, float value) {
        gx = OffHeap.of(gx);
        FloatVector v = FloatVector.broadcast(F, value);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            v.intoMemorySegment(gx, to + 4L * j, ORDER);
        }
        if (j < count) {
            v.intoMemorySegment(gx, to + 4L * j, ORDER, IOTA.compare(LT, (float) (count - j)));
        }
    }

    /// Sum of one window by scalars, in double.
    static double one(MemorySegment x, long at, long rowStep, int rows, int colStep, int cols) {
        x = OffHeap.of(x);
        double sum = 0;
        for (int u = 0; u < rows; u++) {
            for (int v = 0; v < cols; v++) {
                sum += x.get(FLOAT, at + u * rowStep + (long) v * colStep);
            }
        }
        return sum;
    }

    /// Adds `value` to every tap of one window.
    static void spreadOne(MemorySegment gx, long at, long rowStep, int rows, int colStep, int cols, float value) {
        gx = OffHeap.of(gx);
        for (int u = 0; u < rows; u++) {
            for (int v = 0; v < cols; v++) {
                long p = at + u * rowStep + (long) v * colStep;
                gx.set(FLOAT, p, gx.get(FLOAT, p) + value);
            }
        }
    }
}
