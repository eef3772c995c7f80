package dev.gatun.kernels.conv;

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

/// Maths: four rows of `out[j] = Σ_p w[p] · s[offset[p] + j]`, and four sums `Σ_j g[j] · s[offset[p] + j]`.
/// Layout: rows staged with padding, lanes along j; loads may run over the end of a row, the last store is masked.
/// Blocking: four rows (or four taps) at once, so that a weight (or a vector of g) is loaded once for four products.
/// Registers: four sums, one weight. Evidence: docs/kernels-conv.md.
final class RowKernels {
    private RowKernels() {}

    /// `count` columns of four rows.
    static void rows(
            MemorySegment s, int[] offsets, long b0, long b1, long b2, long b3, MemorySegment w, long weights,
            MemorySegment out, long t0, long t1, long t2, long t3, int count) {
        s = OffHeap.of(s);
        w = OffHeap.of(w);
        out = OffHeap.of(out);
        for (int j = 0; j < count; j += VL) {
            long at = 4L * j;
            FloatVector c0 = FloatVector.zero(F);
            FloatVector c1 = c0;
            FloatVector c2 = c0;
            FloatVector c3 = c0;
            for (int p = 0; p < offsets.length; p++) {
                long offset = 4L * offsets[p] + at;
                FloatVector v = FloatVector.broadcast(F, w.get(FLOAT, weights + 4L * p));
                c0 = fromMemorySegment(F, s, b0 + offset, ORDER).fma(v, c0);
                c1 = fromMemorySegment(F, s, b1 + offset, ORDER).fma(v, c1);
                c2 = fromMemorySegment(F, s, b2 + offset, ORDER).fma(v, c2);
                c3 = fromMemorySegment(F, s, b3 + offset, ORDER).fma(v, c3);
            }
            if (j + VL <= count) {
                c0.intoMemorySegment(out, t0 + at, ORDER);
                c1.intoMemorySegment(out, t1 + at, ORDER);
                c2.intoMemorySegment(out, t2 + at, ORDER);
                c3.intoMemorySegment(out, t3 + at, ORDER);
            } else {
                VectorMask<Float> mask = IOTA.compare(LT, (float) (count - j));
                c0.intoMemorySegment(out, t0 + at, ORDER, mask);
                c1.intoMemorySegment(out, t1 + at, ORDER, mask);
                c2.intoMemorySegment(out, t2 + at, ORDER, mask);
                c3.intoMemorySegment(out, t3 + at, ORDER, mask);
            }
        }
    }

    /// `rows` rows of `count` columns for sums of nine terms (3×3 filters): the weights stay in registers.
    static void nine(
            MemorySegment s, int[] offsets, long base, long step, MemorySegment w, long weights, MemorySegment out,
            long to, long toStep, int rows, int count) {
        s = OffHeap.of(s);
        w = OffHeap.of(w);
        out = OffHeap.of(out);
        long o0 = base + 4L * offsets[0];
        long o1 = base + 4L * offsets[1];
        long o2 = base + 4L * offsets[2];
        long o3 = base + 4L * offsets[3];
        long o4 = base + 4L * offsets[4];
        long o5 = base + 4L * offsets[5];
        long o6 = base + 4L * offsets[6];
        long o7 = base + 4L * offsets[7];
        long o8 = base + 4L * offsets[8];
        FloatVector w0 = FloatVector.broadcast(F, w.get(FLOAT, weights));
        FloatVector w1 = FloatVector.broadcast(F, w.get(FLOAT, weights + 4));
        FloatVector w2 = FloatVector.broadcast(F, w.get(FLOAT, weights + 8));
        FloatVector w3 = FloatVector.broadcast(F, w.get(FLOAT, weights + 12));
        FloatVector w4 = FloatVector.broadcast(F, w.get(FLOAT, weights + 16));
        FloatVector w5 = FloatVector.broadcast(F, w.get(FLOAT, weights + 20));
        FloatVector w6 = FloatVector.broadcast(F, w.get(FLOAT, weights + 24));
        FloatVector w7 = FloatVector.broadcast(F, w.get(FLOAT, weights + 28));
        FloatVector w8 = FloatVector.broadcast(F, w.get(FLOAT, weights + 32));
        for (int i = 0; i < rows; i++) {
            long row = i * step;
            long target = to + i * toStep;
            for (int j = 0; j < count; j += VL) {
                long at = row + 4L * j;
                FloatVector c = fromMemorySegment(F, s, o0 + at, ORDER).mul(w0);
                c = fromMemorySegment(F, s, o1 + at, ORDER).fma(w1, c);
                c = fromMemorySegment(F, s, o2 + at, ORDER).fma(w2, c);
                c = fromMemorySegment(F, s, o3 + at, ORDER).fma(w3, c);
                c = fromMemorySegment(F, s, o4 + at, ORDER).fma(w4, c);
                c = fromMemorySegment(F, s, o5 + at, ORDER).fma(w5, c);
                c = fromMemorySegment(F, s, o6 + at, ORDER).fma(w6, c);
                c = fromMemorySegment(F, s, o7 + at, ORDER).fma(w7, c);
                c = fromMemorySegment(F, s, o8 + at, ORDER).fma(w8, c);
                if (j + VL <= count) {
                    c.intoMemorySegment(out, target + 4L * j, ORDER);
                } else {
                    c.intoMemorySegment(out, target + 4L * j, ORDER, IOTA.compare(LT, (float) (count - j)));
                }
            }
        }
    }

    /// Adds to the four vectors at `sums` the products of `rows` rows of g with the rows of s at four taps.
    static void taps(
            MemorySegment g, long from, long fromStep, MemorySegment s, long b0, long b1, long b2, long b3, long step,
            int rows, int count, MemorySegment sums, long at) {
        g = OffHeap.of(g);
        s = OffHeap.of(s);
        sums = OffHeap.of(sums);
        FloatVector c0 = fromMemorySegment(F, sums, at, ORDER);
        FloatVector c1 = fromMemorySegment(F, sums, at + 4L * VL, ORDER);
        FloatVector c2 = fromMemorySegment(F, sums, at + 8L * VL, ORDER);
        FloatVector c3 = fromMemorySegment(F, sums, at + 12L * VL, ORDER);
        VectorMask<Float> mask = IOTA.compare(LT, (float) (count % VL));
        for (int i = 0; i < rows; i++) {
            long row = i * step;
            long source = from + i * fromStep;
            int j = 0;
            for (; j <= count - VL; j += VL) {
                FloatVector v = fromMemorySegment(F, g, source + 4L * j, ORDER);
                long offset = row + 4L * j;
                c0 = fromMemorySegment(F, s, b0 + offset, ORDER).fma(v, c0);
                c1 = fromMemorySegment(F, s, b1 + offset, ORDER).fma(v, c1);
                c2 = fromMemorySegment(F, s, b2 + offset, ORDER).fma(v, c2);
                c3 = fromMemorySegment(F, s, b3 + offset, ORDER).fma(v, c3);
            }
            if (j < count) {
                // What lies behind the end of a row may be infinite: masked, not multiplied by zero.
                FloatVector v = fromMemorySegment(F, g, source + 4L * j, ORDER, mask);
                long offset = row + 4L * j;
                c0 = ((FloatVector) CLASS.cast(c0)).blend(fromMemorySegment(F, s, b0 + offset, ORDER).fma(v, c0), mask);
                c1 = ((FloatVector) CLASS.cast(c1)).blend(fromMemorySegment(F, s, b1 + offset, ORDER).fma(v, c1), mask);
                c2 = ((FloatVector) CLASS.cast(c2)).blend(fromMemorySegment(F, s, b2 + offset, ORDER).fma(v, c2), mask);
                c3 = ((FloatVector) CLASS.cast(c3)).blend(fromMemorySegment(F, s, b3 + offset, ORDER).fma(v, c3), mask);
            }
        }
        c0.intoMemorySegment(sums, at, ORDER);
        c1.intoMemorySegment(sums, at + 4L * VL, ORDER);
        c2.intoMemorySegment(sums, at + 8L * VL, ORDER);
        c3.intoMemorySegment(sums, at + 12L * VL, ORDER);
    }
}
