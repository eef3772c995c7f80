package dev.gatun.kernels.conv;

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

/// Where the pixels of a product go: pixel `(i, j)` of `cols` per row to byte `first + i·rowStep + j·colStep` of its
/// plane. [#SAME] when they simply follow each other.
record Placement(int cols, long first, long rowStep, long colStep) {
    static final Placement SAME = new Placement(0, 0, 0, 0);

    private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(F, i -> i / 2);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(F, i -> (VL + i) / 2);
    private static final VectorMask<Float> EVERY_OTHER = VectorMask.fromLong(F, 0x5555);

    boolean isSame() {
        return cols == 0;
    }

    /// Moves pixels `q0 … q1 − 1` from `from` on to their plane.
    void scatter(MemorySegment s, long from, int q0, int q1, MemorySegment out, long plane) {
        if (isSame()) {
            copy(s, from, q1 - q0, out, plane + 4L * q0);
            return;
        }
        long at = from;
        int q = q0;
        while (q < q1) {
            int j = q % cols;
            int count = Math.min(cols - j, q1 - q);
            spread(s, at, count, out, plane + first + q / cols * rowStep + j * colStep, colStep);
            at += 4L * count;
            q += count;
        }
    }

    private static void copy(MemorySegment s, long from, int count, MemorySegment out, long to) {
        s = OffHeap.of(s);
        out = OffHeap.of(out);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            fromMemorySegment(F, s, from + 4L * j, ORDER).intoMemorySegment(out, to + 4L * j, ORDER);
        }
        if (j < count) {
            VectorMask<Float> mask = IOTA.compare(LT, (float) (count - j));
            fromMemorySegment(F, s, from + 4L * j, ORDER, mask).intoMemorySegment(out, to + 4L * j, ORDER, mask);
        }
    }

    private static void spread(MemorySegment s, long from, int count, MemorySegment out, long to, long step) {
        s = OffHeap.of(s);
        out = OffHeap.of(out);
        if (step == 8) {
            everyOther(s, from, count, out, to);
            return;
        }
        for (int j = 0; j < count; j++) {
            out.set(FLOAT, to + j * step, s.get(FLOAT, from + 4L * j));
        }
    }

    private static void everyOther(MemorySegment s, long from, int count, MemorySegment out, long to) {
        s = OffHeap.of(s);
        out = OffHeap.of(out);
        int j = 0;
        for (; j < count - VL; j += VL) {
            FloatVector v = (FloatVector) CLASS.cast(fromMemorySegment(F, s, from + 4L * j, ORDER));
            v.rearrange(LOW).intoMemorySegment(out, to + 8L * j, ORDER, EVERY_OTHER);
            v.rearrange(HIGH).intoMemorySegment(out, to + 8L * j + BYTES, ORDER, EVERY_OTHER);
        }
        int rest = 2 * (count - j) - 1;
        VectorMask<Float> low = EVERY_OTHER.and(IOTA.compare(LT, (float) rest));
        VectorMask<Float> high = EVERY_OTHER.and(IOTA.compare(LT, (float) (rest - VL)));
        FloatVector v = (FloatVector) CLASS
                .cast(fromMemorySegment(F, s, from + 4L * j, ORDER, IOTA.compare(LT, (float) (count - j))));
        v.rearrange(LOW).intoMemorySegment(out, to + 8L * j, ORDER, low);
        v.rearrange(HIGH).intoMemorySegment(out, to + 8L * j + BYTES, ORDER, high);
    }
}
