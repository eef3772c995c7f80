package dev.gatun.kernels.gemm;

import static dev.gatun.kernels.image.Lanes.CLASS;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// maths: to[u, v] = from[v, u], numbers of 4 bytes, bit for bit.
/// layout: from with u side by side, to with v side by side, any steps between rows.
/// blocking and why: squares of one vector by one vector: loaded by rows into an array of the first-level cache, gathered from
/// there by columns.
/// registers: one vector at a time.
/// evidence: docs/kernels-gemm.md.
final class Squares {
    /// True where a gather is one instruction: not with vectors of 128 bits, on AArch64 above all.
    static final boolean FAST = VL >= 8;
    /// Elements of the array.
    static final int ROOM = VL * VL;

    private static final int[] COLUMN = new int[VL];

    static {
        Arrays.setAll(COLUMN, l -> l * VL);
    }

    private Squares() {}

    /// `us × vs` numbers, both multiples of the lanes; steps in bytes.
    static void turn(
            int us, int vs, MemorySegment from, long fromOff, long fromStep, MemorySegment to, long toOff, long toStep,
            float[] room) {
        from = OffHeap.of(from);
        to = OffHeap.of(to);
        for (int v = 0; v < vs; v += VL) {
            for (int u = 0; u < us; u += VL) {
                long f = fromOff + v * fromStep + 4L * u;
                for (int i = 0; i < ROOM; i += VL) {
                    ((FloatVector) CLASS.cast(fromMemorySegment(F, from, f, ORDER))).intoArray(room, i);
                    f += fromStep;
                }
                long t = toOff + u * toStep + 4L * v;
                for (int i = 0; i < VL; i++) {
                    ((FloatVector) CLASS.cast(FloatVector.fromArray(F, room, i, COLUMN, 0)))
                            .intoMemorySegment(to, t, ORDER);
                    t += toStep;
                }
            }
        }
    }
}
