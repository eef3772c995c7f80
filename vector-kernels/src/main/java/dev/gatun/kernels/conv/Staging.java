package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.CLASS;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Maths: copies rows of an image into scratch memory with their padding, columns a step of `sw` apart side by side.
/// Layout: `[channel][row][phase][column of the phase]`: after this no packing loop knows of borders or steps.
/// Blocking: only the rows and channels that a block of panels needs; each source element is copied once per block.
/// Registers: one vector. Rows are padded to whole vectors and margins come from masked loads: a row of up to a vector is
/// one load and one store. A column of vectors is copied with one mask for all rows.
/// Evidence: docs/kernels-conv.md.
final class Staging {
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F, i -> 2 * i % VL);
    private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(F, i -> (2 * i + 1) % VL);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << (VL / 2));

    private Staging() {}

    /// `count` rows of `pitch` numbers (whole vectors), `toStep` bytes apart: row r holds source columns `x0 …`, zero
    /// outside `[0, w)`, and is all zero unless `first ≤ r < last`. `from` is the byte of column 0 of the source row for
    /// r = 0, which need not exist when r = 0 is not in that range.
    static void rows(
            MemorySegment x, long from, long fromStep, int w, int x0, int first, int last, MemorySegment to, long at,
            long toStep, int pitch, int count) {
        for (int k = 0; k < pitch; k += VL) {
            int low = Math.clamp(-x0 - (long) k, 0, VL);
            int high = Math.clamp(w - x0 - (long) k, 0, VL);
            long target = at + 4L * k;
            long source = from + first * fromStep + 4L * (x0 + k);
            zeros(to, target, toStep, low < high ? first : count);
            if (high - low == VL) {
                whole(x, source, fromStep, to, target + first * toStep, toStep, last - first);
            } else if (low < high) {
                part(x, source, fromStep, low, high, to, target + first * toStep, toStep, last - first);
            }
            if (low < high) {
                zeros(to, target + last * toStep, toStep, count - last);
            }
        }
    }

    private static void zeros(MemorySegment to, long at, long step, int rows) {
        to = OffHeap.of(to);
        FloatVector zero = FloatVector.zero(F);
        for (int r = 0; r < rows; r++) {
            zero.intoMemorySegment(to, at + r * step, ORDER);
        }
    }

    private static void whole(
            MemorySegment x, long from, long fromStep, MemorySegment to, long at, long step, int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        for (int r = 0; r < rows; r++) {
            fromMemorySegment(F, x, from + r * fromStep, ORDER).intoMemorySegment(to, at + r * step, ORDER);
        }
    }

    private static void part(
            MemorySegment x, long from, long fromStep, int low, int high, MemorySegment to, long at, long step,
            int rows) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> mask = VectorMask.fromLong(F, (1L << high) - (1L << low));
        for (int r = 0; r < rows; r++) {
            fromMemorySegment(F, x, from + r * fromStep, ORDER, mask).intoMemorySegment(to, at + r * step, ORDER);
        }
    }

    /// Splits one row of `2·half` numbers into its even and its odd columns; `half` is a multiple of the lanes.
    static void split2(MemorySegment s, long row, long to, int half) {
        s = OffHeap.of(s);
        long odd = to + 4L * half;
        for (int k = 0; k < half; k += VL) {
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, s, row + 8L * k, ORDER));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, s, row + 8L * k + BYTES, ORDER));
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoMemorySegment(s, to + 4L * k, ORDER);
        }
        for (int k = 0; k < half; k += VL) {
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, s, row + 8L * k, ORDER));
            FloatVector b = (FloatVector) CLASS.cast(fromMemorySegment(F, s, row + 8L * k + BYTES, ORDER));
            a.rearrange(ODD).blend(b.rearrange(ODD), UPPER).intoMemorySegment(s, odd + 4L * k, ORDER);
        }
    }

    /// Splits one row of `step·part` numbers into `step` phases of `part` columns.
    static void split(MemorySegment s, long row, long to, int step, int part) {
        s = OffHeap.of(s);
        for (int f = 0; f < step; f++) {
            for (int k = 0; k < part; k++) {
                s.set(FLOAT, to + 4L * ((long) f * part + k), s.get(FLOAT, row + 4L * ((long) k * step + f)));
            }
        }
    }
}
