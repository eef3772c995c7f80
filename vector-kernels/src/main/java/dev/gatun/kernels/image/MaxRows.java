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
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Maths: `y[j] = max over the taps (u, v) of x[u·dh][j·sw + v·dw]`, with its position; NaN wins, the first of equals.
/// Layout: one row of outputs, lanes along j; a step of 2 takes the even lanes of two vectors.
/// Blocking: whole vectors of outputs, the last one masked, so that no load passes the end of the last row.
/// Registers: best value, best position, one tap; taps in row-major order, so ties fall to the first. A value wins when
/// it is larger, or the first NaN. All in one method: helpers that pass vectors are boxed where C2 leaves them out.
/// Evidence: docs/kernels-conv.md, pooling table; compared with the reference for every kernel, stride and width.
final class MaxRows {
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Long> L = VectorSpecies.of(long.class, F.vectorShape());
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F, i -> 2 * i % VL);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << (VL / 2));
    private static final IntVector INTS = IntVector.zero(I).addIndex(1);
    private static final LongVector LONGS = LongVector.zero(L).addIndex(1);

    private MaxRows() {}

    /// Outputs `0 … count − 1` of a row whose first tap of output 0 lies at byte `at`. `sw` is 1 or 2.
    static void values(
            MemorySegment x, long at, long rowStep, int rows, int colStep, int cols, int sw, MemorySegment y, long to,
            int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int j = 0; j < count; j += VL) {
            int last = Math.min(VL - 1, count - j - 1) * sw + 1;
            VectorMask<Float> low = IOTA.compare(LT, (float) last);
            VectorMask<Float> high = IOTA.compare(LT, (float) (last - VL));
            long p0 = at + 4L * j * sw;
            FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            for (int u = 0; u < rows; u++) {
                long row = p0 + u * rowStep;
                for (int v = 0; v < cols; v++) {
                    long p = row + (long) v * colStep;
                    best = (FloatVector) CLASS.cast(best);
                    FloatVector value = fromMemorySegment(F, x, p, ORDER, low);
                    if (sw == 2) {
                        FloatVector rest = fromMemorySegment(F, x, p + BYTES, ORDER, high);
                        value = ((FloatVector) CLASS.cast(value)).rearrange(EVEN)
                                .blend(((FloatVector) CLASS.cast(rest)).rearrange(EVEN), UPPER);
                    }
                    VectorMask<Float> wins = best.compare(VectorOperators.EQ, best)
                            .andNot(best.compare(VectorOperators.GE, value));
                    best = best.blend(value, wins);
                }
            }
            ((FloatVector) CLASS.cast(best)).intoMemorySegment(y, to + 4L * j, ORDER,
                    IOTA.compare(LT, (float) (count - j)));
        }
    }

    /// Like [#values]; also stores positions, those of output 0 counted from `position`, `width` numbers per row.
    static void positions(
            MemorySegment x, long at, long rowStep, int rows, int colStep, int cols, int sw, MemorySegment y, long to,
            int count, MemorySegment indices, long indexTo, int position, int rowPositions) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        indices = OffHeap.of(indices);
        for (int j = 0; j < count; j += VL) {
            int last = Math.min(VL - 1, count - j - 1) * sw + 1;
            VectorMask<Float> low = IOTA.compare(LT, (float) last);
            VectorMask<Float> high = IOTA.compare(LT, (float) (last - VL));
            long p0 = at + 4L * j * sw;
            FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            // Positions as the bits of floats: a mask of floats need not become one of ints in the loop.
            FloatVector where = FloatVector.zero(F);
            for (int u = 0; u < rows; u++) {
                long row = p0 + u * rowStep;
                for (int v = 0; v < cols; v++) {
                    long p = row + (long) v * colStep;
                    best = (FloatVector) CLASS.cast(best);
                    FloatVector value = fromMemorySegment(F, x, p, ORDER, low);
                    if (sw == 2) {
                        FloatVector rest = fromMemorySegment(F, x, p + BYTES, ORDER, high);
                        value = ((FloatVector) CLASS.cast(value)).rearrange(EVEN)
                                .blend(((FloatVector) CLASS.cast(rest)).rearrange(EVEN), UPPER);
                    }
                    VectorMask<Float> wins = best.compare(VectorOperators.EQ, best)
                            .andNot(best.compare(VectorOperators.GE, value));
                    best = best.blend(value, wins);
                    where = ((FloatVector) CLASS.cast(where))
                            .blend(Float.intBitsToFloat(u * rowPositions + v * (colStep >> 2)), wins);
                }
            }
            VectorMask<Float> stored = IOTA.compare(LT, (float) (count - j));
            ((FloatVector) CLASS.cast(best)).intoMemorySegment(y, to + 4L * j, ORDER, stored);
            ((FloatVector) CLASS.cast(where)).intoMemorySegment(indices, indexTo + 4L * j, ORDER, stored);
        }
        widen(indices, indexTo, count, position, sw);
    }

    /// The `count` ints at byte `at`, counted from the position of each output's first tap, to positions as longs at the same
    /// place, from the last to the first. A method of its own: behind the loop over the taps C2 had no room left for it.
    private static void widen(MemorySegment s, long at, int count, int position, int sw) {
        s = OffHeap.of(s);
        for (int j = (count - 1) / VL * VL; j >= 0; j -= VL) {
            int left = count - j;
            IntVector v = IntVector.fromMemorySegment(I, s, at + 4L * j, ORDER, INTS.compare(LT, left))
                    .add(INTS.mul(sw)).add(position + j * sw);
            LongVector lower = (LongVector) v.convertShape(VectorOperators.I2L, L, 0);
            LongVector upper = (LongVector) v.convertShape(VectorOperators.I2L, L, 1);
            long to = at + 8L * j;
            lower.intoMemorySegment(s, to, ORDER, LONGS.compare(LT, left));
            upper.intoMemorySegment(s, to + 4 * VL, ORDER, LONGS.compare(LT, left - VL / 2));
        }
    }

    /// Some outputs by scalars, `stride` columns apart: `rows` and `cols` of their taps lie inside, positions as in [#positions].
    static void some(
            MemorySegment x, long at, long rowStep, int rows, int colStep, int cols, int stride, MemorySegment y,
            long to,
            int count, MemorySegment indices, long indexTo, int position, int rowPositions) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        indices = OffHeap.of(indices);
        for (int j = 0; j < count; j++) {
            long first = at + 4L * j * stride;
            float best = x.get(FLOAT, first);
            int where = 0;
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < cols; v++) {
                    float value = x.get(FLOAT, first + u * rowStep + (long) v * colStep);
                    if (!(best >= value) && !Float.isNaN(best)) {
                        best = value;
                        where = u * rowPositions + v * (colStep >> 2);
                    }
                }
            }
            y.set(FLOAT, to + 4L * j, best);
            if (indexTo >= 0) {
                indices.set(LONG, indexTo + 8L * j, position + j * stride + where);
            }
        }
    }
}
