package dev.gatun.kernels.attention;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.CLASS;
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
import jdk.incubator.vector.VectorOperators;

/// maths: on rows of a tile: the maximum, `2^(c·s − m)` with its sum, gradients `P·(dP − D)`, factors.
/// layout: rows of whole vectors in scratch memory; only what leaves it is masked.
/// blocking and why: a row at a time, in cache.
/// registers: two chains of e to the power at once; 2^f with |f| ≤ ½ by a polynomial of degree 5 (1.1e-7), times 2^n by
/// an addition to the exponent; below 2^−126 the result is 0.
/// evidence: docs/kernels-attention.md.
public final class RowMath {
    private static final float ROUNDER = 12582912;
    private static final float LEAST = -126;
    private static final float C5 = 0.0013264737f;
    private static final float C4 = 0.009671517f;
    private static final float C3 = 0.055507336f;
    private static final float C2 = 0.24022242f;
    private static final float C1 = 0.693147f;

    private RowMath() {}

    /// `n` up to whole vectors.
    public static int whole(int n) {
        return n + VL - 1 & -VL;
    }

    /// Makes a row end in −∞ up to whole vectors; gives their elements.
    public static int pad(MemorySegment s, long at, int n) {
        s = OffHeap.of(s);
        int whole = whole(n);
        for (int i = n; i < whole; i++) {
            s.set(Lanes.FLOAT, at + 4L * i, Float.NEGATIVE_INFINITY);
        }
        return whole;
    }

    /// The largest number, NaN passed over; −∞ for an empty row. `n` is a multiple of the lanes, as everywhere here.
    public static float max(MemorySegment s, long at, int n) {
        s = OffHeap.of(s);
        FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector v = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER));
            FloatVector w = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i + BYTES, ORDER));
            a = ((FloatVector) CLASS.cast(a)).blend(v, v.compare(VectorOperators.GT, a));
            b = ((FloatVector) CLASS.cast(b)).blend(w, w.compare(VectorOperators.GT, b));
        }
        if (i < n) {
            FloatVector v = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER));
            a = ((FloatVector) CLASS.cast(a)).blend(v, v.compare(VectorOperators.GT, a));
        }
        a = (FloatVector) CLASS.cast(a);
        b = (FloatVector) CLASS.cast(b);
        return a.blend(b, b.compare(VectorOperators.GT, a)).reduceLanes(VectorOperators.MAX);
    }

    /// `s = 2^(c·s − m)`; the sums of the lanes at `lanes` become `shrink` times themselves plus those of this row. They are
    /// added up once at the end.
    public static void exp(MemorySegment s, long at, int n, float c, float m, long lanes, float shrink) {
        s = OffHeap.of(s);
        FloatVector factor = FloatVector.broadcast(F, c);
        FloatVector shift = FloatVector.broadcast(F, -m);
        FloatVector zero = FloatVector.zero(F);
        FloatVector a = zero;
        FloatVector b = zero;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector t = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER).fma(factor, shift));
            FloatVector u =
                    (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i + BYTES, ORDER).fma(factor, shift));
            FloatVector k = t.add(ROUNDER);
            FloatVector l = u.add(ROUNDER);
            FloatVector f = t.sub(k.sub(ROUNDER));
            FloatVector g = u.sub(l.sub(ROUNDER));
            FloatVector p = f.fma(C5, C4).fma(f, FloatVector.broadcast(F, C3)).fma(f, FloatVector.broadcast(F, C2))
                    .fma(f, FloatVector.broadcast(F, C1)).fma(f, FloatVector.broadcast(F, 1));
            FloatVector q = g.fma(C5, C4).fma(g, FloatVector.broadcast(F, C3)).fma(g, FloatVector.broadcast(F, C2))
                    .fma(g, FloatVector.broadcast(F, C1)).fma(g, FloatVector.broadcast(F, 1));
            p = ((FloatVector) CLASS.cast(p.reinterpretAsInts()
                    .add(k.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()))
                    .blend(zero, t.compare(VectorOperators.LT, LEAST));
            q = ((FloatVector) CLASS.cast(q.reinterpretAsInts()
                    .add(l.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()))
                    .blend(zero, u.compare(VectorOperators.LT, LEAST));
            p.intoMemorySegment(s, at + 4L * i, ORDER);
            q.intoMemorySegment(s, at + 4L * i + BYTES, ORDER);
            a = a.add(p);
            b = b.add(q);
        }
        if (i < n) {
            FloatVector t = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER).fma(factor, shift));
            FloatVector k = t.add(ROUNDER);
            FloatVector f = t.sub(k.sub(ROUNDER));
            FloatVector p = f.fma(C5, C4).fma(f, FloatVector.broadcast(F, C3)).fma(f, FloatVector.broadcast(F, C2))
                    .fma(f, FloatVector.broadcast(F, C1)).fma(f, FloatVector.broadcast(F, 1));
            p = ((FloatVector) CLASS.cast(p.reinterpretAsInts()
                    .add(k.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()))
                    .blend(zero, t.compare(VectorOperators.LT, LEAST));
            p.intoMemorySegment(s, at + 4L * i, ORDER);
            a = a.add(p);
        }
        fromMemorySegment(F, s, lanes, ORDER).fma(FloatVector.broadcast(F, shrink), a.add(b))
                .intoMemorySegment(s, lanes, ORDER);
    }

    /// `s = p·(dp − delta)` with `p = 2^(c·s − m)`: the gradient of a query's scores.
    static void gradient(MemorySegment s, long at, long dpAt, int n, float c, float m, float delta) {
        s = OffHeap.of(s);
        FloatVector factor = FloatVector.broadcast(F, c);
        FloatVector shift = FloatVector.broadcast(F, -m);
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < n; i += VL) {
            FloatVector t = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER).fma(factor, shift));
            FloatVector k = t.add(ROUNDER);
            FloatVector f = t.sub(k.sub(ROUNDER));
            FloatVector p = f.fma(C5, C4).fma(f, FloatVector.broadcast(F, C3)).fma(f, FloatVector.broadcast(F, C2))
                    .fma(f, FloatVector.broadcast(F, C1)).fma(f, FloatVector.broadcast(F, 1));
            p = ((FloatVector) CLASS.cast(p.reinterpretAsInts()
                    .add(k.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()))
                    .blend(zero, t.compare(VectorOperators.LT, LEAST));
            fromMemorySegment(F, s, dpAt + 4L * i, ORDER).sub(delta).mul(p).intoMemorySegment(s, at + 4L * i, ORDER);
        }
    }

    /// One key against many queries: `s = p = 2^(c·s − m)`, `dp = p·(dp − delta)`, m and delta per column.
    static void gradientOfKey(
            MemorySegment s, long at, long dpAt, int n, float c, long mAt, long deltaAt) {
        s = OffHeap.of(s);
        FloatVector factor = FloatVector.broadcast(F, c);
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < n; i += VL) {
            FloatVector t = (FloatVector) CLASS.cast(fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor)
                    .sub(fromMemorySegment(F, s, mAt + 4L * i, ORDER)));
            FloatVector k = t.add(ROUNDER);
            FloatVector f = t.sub(k.sub(ROUNDER));
            FloatVector p = f.fma(C5, C4).fma(f, FloatVector.broadcast(F, C3)).fma(f, FloatVector.broadcast(F, C2))
                    .fma(f, FloatVector.broadcast(F, C1)).fma(f, FloatVector.broadcast(F, 1));
            p = ((FloatVector) CLASS.cast(p.reinterpretAsInts()
                    .add(k.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()))
                    .blend(zero, t.compare(VectorOperators.LT, LEAST));
            fromMemorySegment(F, s, dpAt + 4L * i, ORDER).sub(fromMemorySegment(F, s, deltaAt + 4L * i, ORDER))
                    .mul(p).intoMemorySegment(s, dpAt + 4L * i, ORDER);
            p.intoMemorySegment(s, at + 4L * i, ORDER);
        }
    }

    /// `s = factor·s`.
    static void scale(MemorySegment s, long at, int n, float factor) {
        s = OffHeap.of(s);
        for (int i = 0; i < n; i += VL) {
            fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor).intoMemorySegment(s, at + 4L * i, ORDER);
        }
    }

    /// `s = factor·s + mask`, which may have any number of elements.
    static void mask(MemorySegment s, long at, int n, float factor, MemorySegment mask, long maskAt) {
        s = OffHeap.of(s);
        mask = OffHeap.of(mask);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor)
                    .add(fromMemorySegment(F, mask, maskAt + 4L * i, ORDER)).intoMemorySegment(s, at + 4L * i, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor)
                    .add(fromMemorySegment(F, mask, maskAt + 4L * i, ORDER, tail), tail)
                    .intoMemorySegment(s, at + 4L * i, ORDER);
        }
    }

    /// `s += factor·x`, any number of elements.
    static void add(MemorySegment s, long at, MemorySegment x, long from, int n, float factor) {
        s = OffHeap.of(s);
        x = OffHeap.of(x);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            fromMemorySegment(F, x, from + 4L * i, ORDER).fma(FloatVector.broadcast(F, factor),
                    fromMemorySegment(F, s, at + 4L * i, ORDER)).intoMemorySegment(s, at + 4L * i, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            fromMemorySegment(F, x, from + 4L * i, ORDER, tail).fma(FloatVector.broadcast(F, factor),
                    fromMemorySegment(F, s, at + 4L * i, ORDER)).intoMemorySegment(s, at + 4L * i, ORDER, tail);
        }
    }

    /// `to = factor·s`, any number of elements.
    public static void store(MemorySegment s, long at, int n, float factor, MemorySegment to, long toAt) {
        s = OffHeap.of(s);
        to = OffHeap.of(to);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor).intoMemorySegment(to, toAt + 4L * i, ORDER);
        }
        if (i < n) {
            fromMemorySegment(F, s, at + 4L * i, ORDER).mul(factor)
                    .intoMemorySegment(to, toAt + 4L * i, ORDER, IOTA.compare(LT, (float) (n - i)));
        }
    }

    /// `Σ x·y`, any number of elements; `lanes` has room for a vector.
    static float dot(MemorySegment x, long at, MemorySegment y, long yAt, int n, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            a = fromMemorySegment(F, x, at + 4L * i, ORDER).fma(fromMemorySegment(F, y, yAt + 4L * i, ORDER), a);
        }
        if (i < n) {
            VectorMask<Float> tail = IOTA.compare(LT, (float) (n - i));
            a = fromMemorySegment(F, x, at + 4L * i, ORDER, tail)
                    .fma(fromMemorySegment(F, y, yAt + 4L * i, ORDER, tail), a);
        }
        a.intoMemorySegment(lanes, lanesAt, ORDER);
        return Lanes.sum(lanes, lanesAt);
    }
}
