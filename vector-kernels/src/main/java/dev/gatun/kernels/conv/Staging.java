package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Maths: copies rows of an image into scratch memory with their padding, columns a step of `sw` apart side by side.
/// Layout: `[channel][row][phase][column of the phase]`: after this no packing loop knows of borders or steps.
/// Blocking: only the rows and channels that a block of panels needs; each source element is copied once per block.
/// Registers: one vector; margins come from masked loads, so a row of up to a vector is one load and one store. Stores
/// run over the end of a row into the next one, which is written later.
/// Evidence: docs/kernels-conv.md.
final class Staging {
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F, i -> 2 * i % VL);
    private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(F, i -> (2 * i + 1) % VL);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F, -1L << (VL / 2));

    private Staging() {}

    /// `count` rows of `pitch` numbers, `toStep` bytes apart: row r holds source columns `x0 …`, zero outside
    /// `[0, w)`, and is all zero unless `first ≤ r < last`. `from` is the byte of column 0 of the source row for r = 0,
    /// which need not exist when r = 0 is not in that range.
    static void rows(
            MemorySegment x, long from, long fromStep, int w, int x0, int first, int last, MemorySegment to, long at,
            long toStep, int pitch, int count) {
        FloatVector zero = FloatVector.zero(F);
        for (int r = 0; r < count; r++) {
            long source = from + r * fromStep + 4L * x0;
            long target = at + r * toStep;
            boolean inside = r >= first && r < last;
            for (int k = 0; k < pitch; k += VL) {
                int low = inside ? Math.clamp(-x0 - k, 0, VL) : VL;
                int high = inside ? Math.clamp(w - x0 - k, 0, VL) : 0;
                if (high - low == VL) {
                    fromMemorySegment(F, x, source + 4L * k, ORDER).intoMemorySegment(to, target + 4L * k, ORDER);
                } else if (low < high) {
                    VectorMask<Float> mask = VectorMask.fromLong(F, (1L << high) - (1L << low));
                    fromMemorySegment(F, x, source + 4L * k, ORDER, mask)
                            .intoMemorySegment(to, target + 4L * k, ORDER);
                } else {
                    zero.intoMemorySegment(to, target + 4L * k, ORDER);
                }
            }
        }
    }

    /// Splits one row of `2·half` numbers into its even and its odd columns.
    static void split2(MemorySegment s, long row, long to, int half) {
        long odd = to + 4L * half;
        // The odd phase begins where the even one ends: the even one's overrun must come first.
        for (int k = 0; k < half; k += VL) {
            FloatVector a = fromMemorySegment(F, s, row + 8L * k, ORDER);
            FloatVector b = fromMemorySegment(F, s, row + 8L * k + BYTES, ORDER);
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoMemorySegment(s, to + 4L * k, ORDER);
        }
        for (int k = 0; k < half; k += VL) {
            FloatVector a = fromMemorySegment(F, s, row + 8L * k, ORDER);
            FloatVector b = fromMemorySegment(F, s, row + 8L * k + BYTES, ORDER);
            a.rearrange(ODD).blend(b.rearrange(ODD), UPPER).intoMemorySegment(s, odd + 4L * k, ORDER);
        }
    }

    /// Splits one row of `step·part` numbers into `step` phases of `part` columns.
    static void split(MemorySegment s, long row, long to, int step, int part) {
        for (int f = 0; f < step; f++) {
            for (int k = 0; k < part; k++) {
                s.set(FLOAT, to + 4L * ((long) f * part + k), s.get(FLOAT, row + 4L * ((long) k * step + f)));
            }
        }
    }
}
