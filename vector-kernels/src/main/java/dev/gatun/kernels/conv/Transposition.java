package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.CLASS;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Maths: `to[j][i] = from[i][j]` for blocks of as many rows as a vector has lanes and as many columns.
/// Layout: rows any stride apart, blocks any step apart: planes of channels into pixels of channels, and back.
/// Blocking: halves, quarters, … of the block are exchanged across its diagonal; two exchanges per trip through the
/// first-level cache, eight blocks at a time.
/// Registers: four rows and four exchanged ones. Evidence: docs/kernels-conv.md.
final class Transposition {
    /// Blocks that a trip through scratch memory takes.
    private static final int TRIP = 8;

    private static final VectorShuffle<Float> BY8 = VectorShuffle.fromOp(F, i -> (i ^ 8) % VL);
    private static final VectorShuffle<Float> BY4 = VectorShuffle.fromOp(F, i -> (i ^ 4) % VL);
    private static final VectorShuffle<Float> BY2 = VectorShuffle.fromOp(F, i -> (i ^ 2) % VL);
    private static final VectorShuffle<Float> BY1 = VectorShuffle.fromOp(F, i -> (i ^ 1) % VL);
    private static final VectorMask<Float> HIGH8 = VectorMask.fromLong(F, high(8));
    private static final VectorMask<Float> HIGH4 = VectorMask.fromLong(F, high(4));
    private static final VectorMask<Float> HIGH2 = VectorMask.fromLong(F, high(2));
    private static final VectorMask<Float> HIGH1 = VectorMask.fromLong(F, high(1));
    private static final VectorMask<Float> LOW8 = HIGH8.not();
    private static final VectorMask<Float> LOW4 = HIGH4.not();
    private static final VectorMask<Float> LOW2 = HIGH2.not();
    private static final VectorMask<Float> LOW1 = HIGH1.not();

    private Transposition() {}

    private static long high(int distance) {
        long bits = 0;
        for (int i = 0; i < VL; i++) {
            bits |= (i & distance) == 0 ? 0 : 1L << i;
        }
        return bits;
    }

    /// Bytes of scratch memory.
    static long scratchBytes() {
        return (long) TRIP * VL * BYTES;
    }

    /// Transposes `blocks` blocks: row i of block b begins at `from + i·fromRow + b·fromStep`.
    static void run(
            MemorySegment x, long from, long fromRow, long fromStep, MemorySegment y, long to, long toRow, long toStep,
            int blocks, MemorySegment scratch, long room) {
        long step = (long) VL * BYTES;
        for (int b = 0; b < blocks; b += TRIP) {
            int count = Math.min(TRIP, blocks - b);
            for (int i = 0; i < VL / 4; i++) {
                if (VL == 16) {
                    far(x, from + i * fromRow + b * fromStep, 4 * fromRow, fromStep, scratch, room + (long) i * BYTES,
                            4L * BYTES, step, count);
                } else if (VL == 8) {
                    halves(x, from + 2 * i * fromRow + b * fromStep, fromRow, fromStep, scratch,
                            room + 2L * i * BYTES, BYTES, step, count);
                }
            }
            for (int i = 0; i < VL / 4; i++) {
                if (VL == 4) {
                    near(x, from + b * fromStep, fromRow, fromStep, y, to + b * toStep, toRow, toStep, count);
                } else {
                    near(scratch, room + 4L * i * BYTES, BYTES, step, y, to + 4 * i * toRow + b * toStep, toRow, toStep,
                            count);
                }
            }
        }
    }

    /// Exchanges halves and quarters of rows i, i + 4, i + 8, i + 12.
    private static void far(
            MemorySegment x, long from, long row, long step, MemorySegment y, long to, long toRow, long toStep,
            int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int b = 0; b < count; b++) {
            long p = from + b * step;
            FloatVector v0 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector v1 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + row, ORDER));
            FloatVector v2 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 2 * row, ORDER));
            FloatVector v3 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 3 * row, ORDER));
            FloatVector u0 = v0.blend(v2.rearrange(BY8), HIGH8);
            FloatVector u1 = v1.blend(v3.rearrange(BY8), HIGH8);
            FloatVector u2 = v2.blend(v0.rearrange(BY8), LOW8);
            FloatVector u3 = v3.blend(v1.rearrange(BY8), LOW8);
            long q = to + b * toStep;
            u0.blend(u1.rearrange(BY4), HIGH4).intoMemorySegment(y, q, ORDER);
            u1.blend(u0.rearrange(BY4), LOW4).intoMemorySegment(y, q + toRow, ORDER);
            u2.blend(u3.rearrange(BY4), HIGH4).intoMemorySegment(y, q + 2 * toRow, ORDER);
            u3.blend(u2.rearrange(BY4), LOW4).intoMemorySegment(y, q + 3 * toRow, ORDER);
        }
    }

    /// Exchanges pairs and neighbours of four rows that follow each other.
    private static void near(
            MemorySegment x, long from, long row, long step, MemorySegment y, long to, long toRow, long toStep,
            int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int b = 0; b < count; b++) {
            long p = from + b * step;
            FloatVector v0 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector v1 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + row, ORDER));
            FloatVector v2 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 2 * row, ORDER));
            FloatVector v3 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 3 * row, ORDER));
            FloatVector u0 = v0.blend(v2.rearrange(BY2), HIGH2);
            FloatVector u1 = v1.blend(v3.rearrange(BY2), HIGH2);
            FloatVector u2 = v2.blend(v0.rearrange(BY2), LOW2);
            FloatVector u3 = v3.blend(v1.rearrange(BY2), LOW2);
            long q = to + b * toStep;
            u0.blend(u1.rearrange(BY1), HIGH1).intoMemorySegment(y, q, ORDER);
            u1.blend(u0.rearrange(BY1), LOW1).intoMemorySegment(y, q + toRow, ORDER);
            u2.blend(u3.rearrange(BY1), HIGH1).intoMemorySegment(y, q + 2 * toRow, ORDER);
            u3.blend(u2.rearrange(BY1), LOW1).intoMemorySegment(y, q + 3 * toRow, ORDER);
        }
    }

    /// Exchanges halves of rows i and i + 4 and of the rows after them, for vectors of eight lanes.
    private static void halves(
            MemorySegment x, long from, long row, long step, MemorySegment y, long to, long toRow, long toStep,
            int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int b = 0; b < count; b++) {
            long p = from + b * step;
            FloatVector v0 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p, ORDER));
            FloatVector v1 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + row, ORDER));
            FloatVector v2 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 4 * row, ORDER));
            FloatVector v3 = (FloatVector) CLASS.cast(fromMemorySegment(F, x, p + 5 * row, ORDER));
            long q = to + b * toStep;
            v0.blend(v2.rearrange(BY4), HIGH4).intoMemorySegment(y, q, ORDER);
            v1.blend(v3.rearrange(BY4), HIGH4).intoMemorySegment(y, q + toRow, ORDER);
            v2.blend(v0.rearrange(BY4), LOW4).intoMemorySegment(y, q + 4 * toRow, ORDER);
            v3.blend(v1.rearrange(BY4), LOW4).intoMemorySegment(y, q + 5 * toRow, ORDER);
        }
    }
}
