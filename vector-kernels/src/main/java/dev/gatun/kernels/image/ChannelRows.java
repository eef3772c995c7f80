package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Maths: the sums and maps of batch normalisation over one channel: `Σx`, `Σ(x − μ)²`, `(x − μ)·s + β`, `Σg`,
/// `Σg·(x − μ)`, `a·g + b·(x − μ) + k`.
/// Layout: a channel is n rows of l numbers, `step` bytes apart; lanes along the row, the rest of a row masked.
/// Blocking: vector sums run over as many rows as make 8 k numbers, then are folded and added up in double: the order
/// depends on n and l alone, and no chain of float additions is long.
/// Registers: two sums per quantity. Evidence: docs/kernels-conv.md, batch norm table.
final class ChannelRows {
    private static final int FOLD = 8192;

    private ChannelRows() {}

    private static int rowsPerFold(int l) {
        return Math.max(1, FOLD / Math.max(1, l));
    }

    /// `Σ (x − mean)^power`, power 1 or 2; `lanes` has room for a vector.
    static double moment(
            MemorySegment x, long at, long step, int n, int l, float mean, boolean square, MemorySegment lanes,
            long lanesAt) {
        int rows = rowsPerFold(l);
        double total = 0;
        for (int i = 0; i < n; i += rows) {
            int end = Math.min(n, i + rows);
            if (square) {
                squares(x, at + i * step, step, end - i, l, mean, lanes, lanesAt);
            } else {
                plain(x, at + i * step, step, end - i, l, lanes, lanesAt);
            }
            total += Lanes.sum(lanes, lanesAt);
        }
        return total;
    }

    private static void plain(
            MemorySegment x, long at, long step, int n, int l, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        VectorMask<Float> tail = IOTA.compare(LT, (float) (l % VL));
        for (int r = 0; r < n; r++) {
            long row = at + r * step;
            int i = 0;
            for (; i <= l - 2 * VL; i += 2 * VL) {
                a = a.add(fromMemorySegment(F, x, row + 4L * i, ORDER));
                b = b.add(fromMemorySegment(F, x, row + 4L * i + BYTES, ORDER));
            }
            if (i <= l - VL) {
                a = a.add(fromMemorySegment(F, x, row + 4L * i, ORDER));
                i += VL;
            }
            if (i < l) {
                b = b.add(fromMemorySegment(F, x, row + 4L * i, ORDER, tail));
            }
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
    }

    private static void squares(
            MemorySegment x, long at, long step, int n, int l, float mean, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        VectorMask<Float> tail = IOTA.compare(LT, (float) (l % VL));
        for (int r = 0; r < n; r++) {
            long row = at + r * step;
            int i = 0;
            for (; i <= l - 2 * VL; i += 2 * VL) {
                FloatVector d = fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean);
                FloatVector e = fromMemorySegment(F, x, row + 4L * i + BYTES, ORDER).sub(mean);
                a = d.fma(d, a);
                b = e.fma(e, b);
            }
            if (i <= l - VL) {
                FloatVector d = fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean);
                a = d.fma(d, a);
                i += VL;
            }
            if (i < l) {
                FloatVector d = fromMemorySegment(F, x, row + 4L * i, ORDER, tail).sub(mean);
                b = b.add(d.mul(d), tail);
            }
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
    }

    /// `y = (x − mean)·scale + shift`.
    static void map(
            MemorySegment x, long at, long step, int n, int l, float mean, float scale, float shift, MemorySegment y,
            long to, long toStep) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        VectorMask<Float> tail = IOTA.compare(LT, (float) (l % VL));
        FloatVector s = FloatVector.broadcast(F, scale);
        FloatVector t = FloatVector.broadcast(F, shift);
        for (int r = 0; r < n; r++) {
            long row = at + r * step;
            long out = to + r * toStep;
            int i = 0;
            for (; i <= l - VL; i += VL) {
                fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean).fma(s, t).intoMemorySegment(y, out + 4L * i,
                        ORDER);
            }
            if (i < l) {
                fromMemorySegment(F, x, row + 4L * i, ORDER, tail).sub(mean).fma(s, t).intoMemorySegment(y,
                        out + 4L * i, ORDER, tail);
            }
        }
    }

    /// `sums[to] = Σ g`, `sums[to + 1] = Σ g·(x − mean)`; `lanes` has room for two vectors.
    static void gradientSums(
            MemorySegment x, long at, long step, MemorySegment g, long from, long fromStep, int n, int l, float mean,
            double[] sums, int to, MemorySegment lanes, long lanesAt) {
        int rows = rowsPerFold(l);
        sums[to] = 0;
        sums[to + 1] = 0;
        for (int i = 0; i < n; i += rows) {
            int end = Math.min(n, i + rows);
            fold(x, at + i * step, step, g, from + i * fromStep, fromStep, end - i, l, mean, lanes, lanesAt);
            sums[to] += Lanes.sum(lanes, lanesAt);
            sums[to + 1] += Lanes.sum(lanes, lanesAt + BYTES);
        }
    }

    private static void fold(
            MemorySegment x, long at, long step, MemorySegment g, long from, long fromStep, int n, int l, float mean,
            MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        VectorMask<Float> tail = IOTA.compare(LT, (float) (l % VL));
        for (int r = 0; r < n; r++) {
            long row = at + r * step;
            long in = from + r * fromStep;
            int i = 0;
            for (; i <= l - 2 * VL; i += 2 * VL) {
                FloatVector u = fromMemorySegment(F, g, in + 4L * i, ORDER);
                FloatVector v = fromMemorySegment(F, g, in + 4L * i + BYTES, ORDER);
                a = a.add(u);
                b = b.add(v);
                c = fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean).fma(u, c);
                d = fromMemorySegment(F, x, row + 4L * i + BYTES, ORDER).sub(mean).fma(v, d);
            }
            if (i <= l - VL) {
                FloatVector u = fromMemorySegment(F, g, in + 4L * i, ORDER);
                a = a.add(u);
                c = fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean).fma(u, c);
                i += VL;
            }
            if (i < l) {
                // Lanes outside hold g = 0, but 0·(0 − mean) is NaN for a mean that is not finite.
                FloatVector u = fromMemorySegment(F, g, in + 4L * i, ORDER, tail);
                b = b.add(u);
                d = d.add(fromMemorySegment(F, x, row + 4L * i, ORDER, tail).sub(mean).mul(u), tail);
            }
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
        c.add(d).intoMemorySegment(lanes, lanesAt + BYTES, ORDER);
    }

    /// `gx = a·g + b·(x − mean) + k`.
    static void gradientMap(
            MemorySegment x, long at, long step, MemorySegment g, long from, long fromStep, int n, int l, float mean,
            float a, float b, float k, MemorySegment gx, long to, long toStep) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        gx = OffHeap.of(gx);
        VectorMask<Float> tail = IOTA.compare(LT, (float) (l % VL));
        FloatVector av = FloatVector.broadcast(F, a);
        FloatVector bv = FloatVector.broadcast(F, b);
        FloatVector kv = FloatVector.broadcast(F, k);
        for (int r = 0; r < n; r++) {
            long row = at + r * step;
            long in = from + r * fromStep;
            long out = to + r * toStep;
            int i = 0;
            for (; i <= l - VL; i += VL) {
                FloatVector rest = fromMemorySegment(F, x, row + 4L * i, ORDER).sub(mean).fma(bv, kv);
                fromMemorySegment(F, g, in + 4L * i, ORDER).fma(av, rest).intoMemorySegment(gx, out + 4L * i, ORDER);
            }
            if (i < l) {
                FloatVector rest = fromMemorySegment(F, x, row + 4L * i, ORDER, tail).sub(mean).fma(bv, kv);
                fromMemorySegment(F, g, in + 4L * i, ORDER, tail).fma(av, rest).intoMemorySegment(gx, out + 4L * i,
                        ORDER, tail);
            }
        }
    }

    /// `1 / √v` in double, rounded once.
    static double inverseRoot(double v) {
        return 1 / Math.sqrt(v);
    }
}
