package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Maths: `F(2, 3)` with the points 0, 1, −1, ∞: additions only, but for two halves in the filter; the error is that of
/// direct convolution.
/// Layout: any steps; a vector holds one number of each of its channels.
/// Blocking: none; the caller goes through strips that stay in the first-level cache.
/// Registers: four inputs. Evidence: docs/kernels-conv.md.
record TileOfTwo() implements TileTransform {
    @Override
    public int m() {
        return 2;
    }

    @Override
    public void input(
            MemorySegment s, long[] at, long step, long to, long toGap, long toStep, int count) {
        input(s, at[0], at[1], at[2], at[3], step, to, toGap, toStep, count);
    }

    private static void input(
            MemorySegment s, long a0, long a1, long a2, long a3, long step, long to, long gap, long toStep,
            int count) {
        s = OffHeap.of(s);
        for (int j = 0; j < count; j++) {
            FloatVector d1 = fromMemorySegment(F, s, a1 + j * step, ORDER);
            FloatVector d2 = fromMemorySegment(F, s, a2 + j * step, ORDER);
            FloatVector d0 = fromMemorySegment(F, s, a0 + j * step, ORDER);
            FloatVector d3 = fromMemorySegment(F, s, a3 + j * step, ORDER);
            long q = to + j * toStep;
            d0.sub(d2).intoMemorySegment(s, q, ORDER);
            d1.add(d2).intoMemorySegment(s, q + gap, ORDER);
            d2.sub(d1).intoMemorySegment(s, q + 2 * gap, ORDER);
            d1.sub(d3).intoMemorySegment(s, q + 3 * gap, ORDER);
        }
    }

    @Override
    public void output(
            MemorySegment s, long from, long gap, long step, long to, long toGap, long toStep, int count) {
        s = OffHeap.of(s);
        for (int j = 0; j < count; j++) {
            long p = from + j * step;
            FloatVector m0 = fromMemorySegment(F, s, p, ORDER);
            FloatVector m1 = fromMemorySegment(F, s, p + gap, ORDER);
            FloatVector m2 = fromMemorySegment(F, s, p + 2 * gap, ORDER);
            FloatVector m3 = fromMemorySegment(F, s, p + 3 * gap, ORDER);
            long q = to + j * toStep;
            m0.add(m1.add(m2)).intoMemorySegment(s, q, ORDER);
            m1.sub(m2).sub(m3).intoMemorySegment(s, q + toGap, ORDER);
        }
    }

    @Override
    public void filter(
            MemorySegment s, long a, long b, long c, long step, MemorySegment u, long to, long toGap, long toStep,
            int count) {
        s = OffHeap.of(s);
        u = OffHeap.of(u);
        for (int j = 0; j < count; j++) {
            FloatVector g0 = fromMemorySegment(F, s, a + j * step, ORDER);
            FloatVector g1 = fromMemorySegment(F, s, b + j * step, ORDER);
            FloatVector g2 = fromMemorySegment(F, s, c + j * step, ORDER);
            FloatVector even = g0.add(g2).mul(0.5f);
            FloatVector odd = g1.mul(0.5f);
            long q = to + j * toStep;
            g0.intoMemorySegment(u, q, ORDER);
            even.add(odd).intoMemorySegment(u, q + toGap, ORDER);
            even.sub(odd).intoMemorySegment(u, q + 2 * toGap, ORDER);
            g2.intoMemorySegment(u, q + 3 * toGap, ORDER);
        }
    }
}
