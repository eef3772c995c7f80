package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.CLASS;
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
import jdk.incubator.vector.VectorShuffle;

/// Maths: rows of an image into and out of scratch memory; with a step of 2, `even[k] = x[2·k]`, `odd[k] = x[2·k + 1]`.
/// Layout: rows any distance apart on both sides.
/// Blocking: row by row, so that memory is read and written as it lies. The end of a row is a vector that overlaps the one before.
/// Registers: one or two vectors. Evidence: docs/kernels-conv.md.
final class RowCopies {
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F, i -> 2 * i % VL);
    private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(F, i -> (2 * i + 1) % VL);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << (VL / 2));

    private RowCopies() {}

    /// `rows` rows of `width` numbers; what lies between them in the target stays. Up to eight vectors at once: a loop
    /// over three or four costs more than they do.
    static void rows(
            MemorySegment x, long from, long fromStep, int width, MemorySegment to, long at, long toStep, int rows) {
        if (width < VL) {
            narrow(x, from, fromStep, width, to, at, toStep, rows);
            return;
        }
        int last = width - VL;
        for (int k = 0; k < width; k += 8 * VL) {
            long o = 4L * Math.min(k, last);
            if (width - k <= 2 * VL) {
                two(x, from + o, fromStep, 4L * last - o, to, at + o, toStep, rows);
            } else if (width - k <= 4 * VL) {
                four(x, from + o, fromStep, 4L * last - o, to, at + o, toStep, rows);
            } else {
                eight(x, from + o, fromStep, 4L * last - o, to, at + o, toStep, rows);
            }
        }
    }

    private static void two(
            MemorySegment x, long from, long fromStep, long last, MemorySegment to, long at, long toStep, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        for (int r = 0; r < rows; r++) {
            long p = from + r * fromStep;
            long q = at + r * toStep;
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + last, ORDER));
            a.intoMemorySegment(to, q, ORDER);
            b.intoMemorySegment(to, q + last, ORDER);
        }
    }

    private static void four(
            MemorySegment x, long from, long fromStep, long last, MemorySegment to, long at, long toStep, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        long third = Math.min(2L * BYTES, last);
        for (int r = 0; r < rows; r++) {
            long p = from + r * fromStep;
            long q = at + r * toStep;
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + BYTES, ORDER));
            FloatVector c = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + third, ORDER));
            FloatVector d = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + last, ORDER));
            a.intoMemorySegment(to, q, ORDER);
            b.intoMemorySegment(to, q + BYTES, ORDER);
            c.intoMemorySegment(to, q + third, ORDER);
            d.intoMemorySegment(to, q + last, ORDER);
        }
    }

    private static void eight(
            MemorySegment x, long from, long fromStep, long last, MemorySegment to, long at, long toStep, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        long o4 = Math.min(4L * BYTES, last);
        long o5 = Math.min(5L * BYTES, last);
        long o6 = Math.min(6L * BYTES, last);
        long o7 = Math.min(7L * BYTES, last);
        for (int r = 0; r < rows; r++) {
            long p = from + r * fromStep;
            long q = at + r * toStep;
            fromMemorySegment(F, x, p, ORDER).intoMemorySegment(to, q, ORDER);
            fromMemorySegment(F, x, p + BYTES, ORDER).intoMemorySegment(to, q + BYTES, ORDER);
            fromMemorySegment(F, x, p + 2L * BYTES, ORDER).intoMemorySegment(to, q + 2L * BYTES, ORDER);
            fromMemorySegment(F, x, p + 3L * BYTES, ORDER).intoMemorySegment(to, q + 3L * BYTES, ORDER);
            fromMemorySegment(F, x, p + o4, ORDER).intoMemorySegment(to, q + o4, ORDER);
            fromMemorySegment(F, x, p + o5, ORDER).intoMemorySegment(to, q + o5, ORDER);
            fromMemorySegment(F, x, p + o6, ORDER).intoMemorySegment(to, q + o6, ORDER);
            fromMemorySegment(F, x, p + o7, ORDER).intoMemorySegment(to, q + o7, ORDER);
        }
    }

    private static void narrow(
            MemorySegment x, long from, long fromStep, int width, MemorySegment to, long at, long toStep, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> mask = IOTA.compare(LT, (float) width);
        for (int r = 0; r < rows; r++) {
            fromMemorySegment(F, x, from + r * fromStep, ORDER, mask)
                    .intoMemorySegment(to, at + r * toStep, ORDER, mask);
        }
    }

    /// `vectors` vectors of zeros in each of `rows` rows.
    static void zeros(MemorySegment to, long at, long toStep, int vectors, int rows) {
        to = OffHeap.of(to);
        FloatVector zero = FloatVector.zero(F);
        for (int k = 0; k < vectors; k++) {
            long target = at + (long) k * BYTES;
            for (int r = 0; r < rows; r++) {
                zero.intoMemorySegment(to, target + r * toStep, ORDER);
            }
        }
    }

    /// Columns `x0 …` of `rows` rows split into `half` even and `half` odd ones, `odd` bytes apart, zero outside the `w`
    /// columns that there are. `from` is the byte of column 0.
    static void split(
            MemorySegment x, long from, long fromStep, int w, int x0, MemorySegment to, long at, long odd, int half,
            int rows) {
        int first = Math.clamp(Math.ceilDiv(-(long) x0, 2 * VL) * VL, 0, half);
        int last = Math.clamp(Math.floorDiv((long) w - x0, 2 * VL) * VL, first, half);
        for (int k = first; k < last; k += 2 * VL) {
            int next = Math.min(k + VL, last - VL);
            whole(x, from + 4L * x0 + 8L * k, 8L * (next - k), fromStep, to, at + 4L * k, 4L * (next - k), odd, rows);
        }
        for (int k = 0; k < first; k += VL) {
            part(x, from, fromStep, w, x0 + 2 * k, to, at + 4L * k, odd, rows);
        }
        for (int k = last; k < half; k += VL) {
            part(x, from, fromStep, w, x0 + 2 * k, to, at + 4L * k, odd, rows);
        }
    }

    private static void whole(
            MemorySegment x, long from, long next, long fromStep, MemorySegment to, long at, long beside, long odd,
            int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        for (int r = 0; r < rows; r++) {
            long p = from + r * fromStep;
            long q = at + 2L * r * odd;
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + BYTES, ORDER));
            FloatVector c = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + next, ORDER));
            FloatVector d = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + next + BYTES, ORDER));
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoMemorySegment(to, q, ORDER);
            c.rearrange(EVEN).blend(d.rearrange(EVEN), UPPER).intoMemorySegment(to, q + beside, ORDER);
            a.rearrange(ODD).blend(b.rearrange(ODD), UPPER).intoMemorySegment(to, q + odd, ORDER);
            c.rearrange(ODD).blend(d.rearrange(ODD), UPPER).intoMemorySegment(to, q + odd + beside, ORDER);
        }
    }

    private static void part(
            MemorySegment x, long from, long fromStep, int w, int c, MemorySegment to, long at, long odd, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> m = VectorMask.fromLong(F, inside(-(long) c, (long) w - c));
        VectorMask<Float> n = VectorMask.fromLong(F, inside(-(long) c - VL, (long) w - c - VL));
        long source = from + 4L * c;
        for (int r = 0; r < rows; r++) {
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, x, source + r * fromStep, ORDER, m));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, x, source + r * fromStep + BYTES, ORDER, n));
            long target = at + 2L * r * odd;
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoMemorySegment(to, target, ORDER);
            a.rearrange(ODD).blend(b.rearrange(ODD), UPPER).intoMemorySegment(to, target + odd, ORDER);
        }
    }

    /// The lanes from `low` to `high` as bits: no vector and no mask leaves a method.
    private static long inside(long low, long high) {
        int from = Math.clamp(low, 0, VL);
        int to = Math.clamp(high, from, VL);
        return (1L << to) - (1L << from);
    }
}
