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

/// Maths: one vector of outputs of every row p of a panel: `panel[p] = source[base + offset[p] + lane]`.
/// Layout: the rows of a vector side by side, the vectors of a panel one after the other; offsets in elements, one per
/// (channel, tap).
/// Blocking: the caller goes vector by vector of a panel; a vector that crosses the end of an image row is put together
/// from pieces, which are the same for every p.
/// Registers: one or two vectors. Evidence: docs/kernels-conv.md.
final class Panels {
    private Panels() {}

    /// Vectors inside one row of the image.
    static void copy(
            MemorySegment x, int[] offsets, int p0, int p1, long base, MemorySegment to, long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        for (int p = p0; p < p1; p++) {
            fromMemorySegment(F, x, base + 4L * offsets[p], ORDER)
                    .intoMemorySegment(to, at + (long) (p - p0) * BYTES, ORDER);
        }
    }

    /// Four vectors side by side in the source.
    static void copy4(
            MemorySegment x, int[] offsets, int p0, int p1, long base, MemorySegment to, long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        long apart = (long) (p1 - p0) * BYTES;
        long target = at;
        for (int p = p0; p < p1; p++) {
            long from = base + 4L * offsets[p];
            FloatVector a = fromMemorySegment(F, x, from, ORDER);
            FloatVector b = fromMemorySegment(F, x, from + BYTES, ORDER);
            FloatVector c = fromMemorySegment(F, x, from + 2 * BYTES, ORDER);
            FloatVector d = fromMemorySegment(F, x, from + 3 * BYTES, ORDER);
            a.intoMemorySegment(to, target, ORDER);
            b.intoMemorySegment(to, target + apart, ORDER);
            c.intoMemorySegment(to, target + 2 * apart, ORDER);
            d.intoMemorySegment(to, target + 3 * apart, ORDER);
            target += BYTES;
        }
    }

    /// A panel of four vectors, each from two places: lanes below `lane` from `base`, the others from `next`.
    static void join4(
            MemorySegment x, int[] offsets, int p0, int p1, long base0, long next0, int lane0, long base1, long next1,
            int lane1, long base2, long next2, int lane2, long base3, long next3, int lane3, MemorySegment to,
            long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> m0 = VectorMask.fromLong(F, (1L << VL) - (1L << lane0));
        VectorMask<Float> m1 = VectorMask.fromLong(F, (1L << VL) - (1L << lane1));
        VectorMask<Float> m2 = VectorMask.fromLong(F, (1L << VL) - (1L << lane2));
        VectorMask<Float> m3 = VectorMask.fromLong(F, (1L << VL) - (1L << lane3));
        long apart = (long) (p1 - p0) * BYTES;
        long target = at;
        for (int p = p0; p < p1; p++) {
            long offset = 4L * offsets[p];
            FloatVector a = ((FloatVector) CLASS.cast(fromMemorySegment(F, x, base0 + offset, ORDER)))
                    .blend(fromMemorySegment(F, x, next0 + offset, ORDER), m0);
            FloatVector b = ((FloatVector) CLASS.cast(fromMemorySegment(F, x, base1 + offset, ORDER)))
                    .blend(fromMemorySegment(F, x, next1 + offset, ORDER), m1);
            FloatVector c = ((FloatVector) CLASS.cast(fromMemorySegment(F, x, base2 + offset, ORDER)))
                    .blend(fromMemorySegment(F, x, next2 + offset, ORDER), m2);
            FloatVector d = ((FloatVector) CLASS.cast(fromMemorySegment(F, x, base3 + offset, ORDER)))
                    .blend(fromMemorySegment(F, x, next3 + offset, ORDER), m3);
            a.intoMemorySegment(to, target, ORDER);
            b.intoMemorySegment(to, target + apart, ORDER);
            c.intoMemorySegment(to, target + 2 * apart, ORDER);
            d.intoMemorySegment(to, target + 3 * apart, ORDER);
            target += BYTES;
        }
    }

    /// The first `lanes` lanes only, zeros behind.
    static void copyPart(
            MemorySegment x, int[] offsets, int p0, int p1, long base, int lanes, MemorySegment to,
            long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> mask = IOTA.compare(LT, (float) lanes);
        for (int p = p0; p < p1; p++) {
            fromMemorySegment(F, x, base + 4L * offsets[p], ORDER, mask)
                    .intoMemorySegment(to, at + (long) (p - p0) * BYTES, ORDER);
        }
    }

    /// Vectors over the end of a row: lanes from `lane` on come from `next`.
    static void join(
            MemorySegment x, int[] offsets, int p0, int p1, long base, long next, int lane, MemorySegment to,
            long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> mask = VectorMask.fromLong(F, (1L << VL) - (1L << lane));
        for (int p = p0; p < p1; p++) {
            long offset = 4L * offsets[p];
            FloatVector a = (FloatVector) CLASS.cast(fromMemorySegment(F, x, base + offset, ORDER));
            FloatVector b = fromMemorySegment(F, x, next + offset, ORDER);
            a.blend(b, mask).intoMemorySegment(to, at + (long) (p - p0) * BYTES, ORDER);
        }
    }

    /// Overwrites the lanes from `lane` on.
    static void over(
            MemorySegment x, int[] offsets, int p0, int p1, long next, int lane, MemorySegment to,
            long at) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        VectorMask<Float> mask = VectorMask.fromLong(F, (1L << VL) - (1L << lane));
        for (int p = p0; p < p1; p++) {
            fromMemorySegment(F, x, next + 4L * offsets[p], ORDER)
                    .intoMemorySegment(to, at + (long) (p - p0) * BYTES, ORDER, mask);
        }
    }
}
