package dev.gatun.kernels.norm;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// maths: the sums and maps of one row: `Σx`, `Σ(x − μ)²`, `(x − μ)·s·w + b`, `Σg·w`, `Σg·w·(x − μ)`, `Σ` over rows of g
/// and g·x̂, `s·(g·w − a − k·(x − μ))`.
/// layout: a row is n numbers side by side; what is left of whole vectors is masked, after the loop.
/// blocking and why: at most 8192 numbers to a vector sum, joined in double; a row that fits stays in the first-level
/// cache from the first pass to the last.
/// registers: two sums per quantity.
/// evidence: docs/kernels-attention.md, table of layer norm.
final class RowLoops {
    private static final int PIECE = 8192;

    private RowLoops() {}

    /// `Σx`; `lanes` has room for a vector, here and below.
    static double sum(MemorySegment x, long at, int n, MemorySegment lanes, long lanesAt) {
        double total = 0;
        for (int i = 0; i < n; i += PIECE) {
            total += plain(x, at + 4L * i, Math.min(PIECE, n - i), lanes, lanesAt);
        }
        return total;
    }

    /// `Σ(x − mean)²`.
    static double squares(MemorySegment x, long at, int n, float mean, MemorySegment lanes, long lanesAt) {
        double total = 0;
        for (int i = 0; i < n; i += PIECE) {
            total += deviations(x, at + 4L * i, Math.min(PIECE, n - i), mean, lanes, lanesAt);
        }
        return total;
    }

    private static float plain(MemorySegment x, long at, int n, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            a = a.add(fromMemorySegment(F, x, at + 4L * i, ORDER));
            b = b.add(fromMemorySegment(F, x, at + 4L * i + BYTES, ORDER));
        }
        if (i <= n - VL) {
            a = a.add(fromMemorySegment(F, x, at + 4L * i, ORDER));
            i += VL;
        }
        if (i < n) {
            b = b.add(fromMemorySegment(F, x, at + 4L * i, ORDER, IOTA.compare(LT, (float) (n - i))));
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
        return Lanes.sum(lanes, lanesAt);
    }

    private static float deviations(
            MemorySegment x, long at, int n, float mean, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        FloatVector m = FloatVector.broadcast(F, mean);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector d = fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m);
            FloatVector e = fromMemorySegment(F, x, at + 4L * i + BYTES, ORDER).sub(m);
            a = d.fma(d, a);
            b = e.fma(e, b);
        }
        if (i <= n - VL) {
            FloatVector d = fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m);
            a = d.fma(d, a);
            i += VL;
        }
        if (i < n) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            FloatVector d = fromMemorySegment(F, x, at + 4L * i, ORDER, tail).sub(m);
            b = b.add(d.mul(d), tail);
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
        return Lanes.sum(lanes, lanesAt);
    }

    /// `y = (x − mean)·scale·w + b`.
    static void map(
            MemorySegment x, long at, int n, float mean, float scale, MemorySegment w, long wAt, MemorySegment b,
            long bAt, MemorySegment y, long to) {
        x = OffHeap.of(x);
        w = OffHeap.of(w);
        b = OffHeap.of(b);
        y = OffHeap.of(y);
        FloatVector m = FloatVector.broadcast(F, mean);
        FloatVector s = FloatVector.broadcast(F, scale);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector factor = fromMemorySegment(F, w, wAt + 4L * i, ORDER);
            FloatVector shift = fromMemorySegment(F, b, bAt + 4L * i, ORDER);
            fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m).mul(s).fma(factor, shift)
                    .intoMemorySegment(y, to + 4L * i, ORDER);
        }
        if (i < n) {
            lastOfMap(x, at + 4L * i, n - i, mean, scale, w, wAt + 4L * i, b, bAt + 4L * i, y, to + 4L * i);
        }
    }

    private static void lastOfMap(
            MemorySegment x, long at, int n, float mean, float scale, MemorySegment w, long wAt, MemorySegment b,
            long bAt, MemorySegment y, long to) {
        x = OffHeap.of(x);
        w = OffHeap.of(w);
        b = OffHeap.of(b);
        y = OffHeap.of(y);
        VectorMask<Float> tail = IOTA.compare(LT, (float) n);
        FloatVector factor = fromMemorySegment(F, w, wAt, ORDER, tail);
        FloatVector shift = fromMemorySegment(F, b, bAt, ORDER, tail);
        fromMemorySegment(F, x, at, ORDER, tail).sub(mean).mul(scale).fma(factor, shift)
                .intoMemorySegment(y, to, ORDER, tail);
    }

    /// `sums[to] += Σg·w`, `sums[to + 1] += Σg·w·(x − mean)`, at most [#PIECE] numbers to a vector sum;
    /// `lanes` has room for two.
    static void gradientSums(
            MemorySegment x, long at, MemorySegment g, long from, MemorySegment w, long wAt, int n, float mean,
            double[] sums, int to, MemorySegment lanes, long lanesAt) {
        for (int i = 0; i < n; i += PIECE) {
            fold(x, at + 4L * i, g, from + 4L * i, w, wAt + 4L * i, Math.min(PIECE, n - i), mean, lanes, lanesAt);
            sums[to] += Lanes.sum(lanes, lanesAt);
            sums[to + 1] += Lanes.sum(lanes, lanesAt + BYTES);
        }
    }

    private static void fold(
            MemorySegment x, long at, MemorySegment g, long from, MemorySegment w, long wAt, int n, float mean,
            MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        w = OffHeap.of(w);
        lanes = OffHeap.of(lanes);
        FloatVector m = FloatVector.broadcast(F, mean);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector h = fromMemorySegment(F, g, from + 4L * i, ORDER)
                    .mul(fromMemorySegment(F, w, wAt + 4L * i, ORDER));
            FloatVector k = fromMemorySegment(F, g, from + 4L * i + BYTES, ORDER)
                    .mul(fromMemorySegment(F, w, wAt + 4L * i + BYTES, ORDER));
            a = a.add(h);
            b = b.add(k);
            c = fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m).fma(h, c);
            d = fromMemorySegment(F, x, at + 4L * i + BYTES, ORDER).sub(m).fma(k, d);
        }
        for (; i < n; i += VL) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            FloatVector h = fromMemorySegment(F, g, from + 4L * i, ORDER, tail)
                    .mul(fromMemorySegment(F, w, wAt + 4L * i, ORDER, tail));
            a = a.add(h);
            c = fromMemorySegment(F, x, at + 4L * i, ORDER, tail).sub(m).fma(h, c);
        }
        a.add(b).intoMemorySegment(lanes, lanesAt, ORDER);
        c.add(d).intoMemorySegment(lanes, lanesAt + BYTES, ORDER);
    }

    /// `ofWeight += g·(x − mean)·scale`, `ofBias += g`, element by element.
    static void addColumns(
            MemorySegment x, long at, MemorySegment g, long from, int n, float mean, float scale, MemorySegment sums,
            long ofWeight, long ofBias) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        sums = OffHeap.of(sums);
        FloatVector m = FloatVector.broadcast(F, mean);
        FloatVector s = FloatVector.broadcast(F, scale);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector v = fromMemorySegment(F, g, from + 4L * i, ORDER);
            FloatVector hat = fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m).mul(s);
            hat.fma(v, fromMemorySegment(F, sums, ofWeight + 4L * i, ORDER))
                    .intoMemorySegment(sums, ofWeight + 4L * i, ORDER);
            v.add(fromMemorySegment(F, sums, ofBias + 4L * i, ORDER)).intoMemorySegment(sums, ofBias + 4L * i, ORDER);
        }
        if (i < n) {
            lastOfColumns(x, at + 4L * i, g, from + 4L * i, n - i, mean, scale, sums, ofWeight + 4L * i,
                    ofBias + 4L * i);
        }
    }

    /// The masked rest, on its own: beside the loop C1 ran out of registers for the whole method.
    private static void lastOfColumns(
            MemorySegment x, long at, MemorySegment g, long from, int n, float mean, float scale, MemorySegment sums,
            long ofWeight, long ofBias) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        sums = OffHeap.of(sums);
        VectorMask<Float> tail = IOTA.compare(LT, (float) n);
        FloatVector v = fromMemorySegment(F, g, from, ORDER, tail);
        FloatVector hat = fromMemorySegment(F, x, at, ORDER, tail).sub(mean).mul(scale);
        hat.fma(v, fromMemorySegment(F, sums, ofWeight, ORDER, tail)).intoMemorySegment(sums, ofWeight, ORDER, tail);
        v.add(fromMemorySegment(F, sums, ofBias, ORDER, tail)).intoMemorySegment(sums, ofBias, ORDER, tail);
    }

    /// `gx = scale·(g·w − a − k·(x − mean))`.
    static void gradientMap(
            MemorySegment x, long at, MemorySegment g, long from, MemorySegment w, long wAt, int n, float mean,
            float scale, float a, float k, MemorySegment gx, long to) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        w = OffHeap.of(w);
        gx = OffHeap.of(gx);
        FloatVector m = FloatVector.broadcast(F, mean);
        FloatVector s = FloatVector.broadcast(F, scale);
        FloatVector minusA = FloatVector.broadcast(F, -a);
        FloatVector minusK = FloatVector.broadcast(F, -k);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector rest = fromMemorySegment(F, x, at + 4L * i, ORDER).sub(m).fma(minusK, minusA);
            fromMemorySegment(F, g, from + 4L * i, ORDER).fma(fromMemorySegment(F, w, wAt + 4L * i, ORDER), rest)
                    .mul(s).intoMemorySegment(gx, to + 4L * i, ORDER);
        }
        if (i < n) {
            lastOfGradient(x, at + 4L * i, g, from + 4L * i, w, wAt + 4L * i, n - i, mean, scale, a, k, gx,
                    to + 4L * i);
        }
    }

    private static void lastOfGradient(
            MemorySegment x, long at, MemorySegment g, long from, MemorySegment w, long wAt, int n, float mean,
            float scale, float a, float k, MemorySegment gx, long to) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        w = OffHeap.of(w);
        gx = OffHeap.of(gx);
        VectorMask<Float> tail = IOTA.compare(LT, (float) n);
        FloatVector rest = fromMemorySegment(F, x, at, ORDER, tail).sub(mean)
                .fma(FloatVector.broadcast(F, -k), FloatVector.broadcast(F, -a));
        fromMemorySegment(F, g, from, ORDER, tail).fma(fromMemorySegment(F, w, wAt, ORDER, tail), rest)
                .mul(scale).intoMemorySegment(gx, to, ORDER, tail);
    }

    /// `to += from`, element by element.
    static void add(MemorySegment s, long from, long to, int n) {
        s = OffHeap.of(s);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            fromMemorySegment(F, s, to + 4L * i, ORDER).add(fromMemorySegment(F, s, from + 4L * i, ORDER))
                    .intoMemorySegment(s, to + 4L * i, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            fromMemorySegment(F, s, to + 4L * i, ORDER, tail)
                    .add(fromMemorySegment(F, s, from + 4L * i, ORDER, tail))
                    .intoMemorySegment(s, to + 4L * i, ORDER, tail);
        }
    }
}
