package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.check.PoolCheck;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Maths: `gx[indices[o]] += gy[o]`, gx from zero. Layout: planes.
/// Blocking: chunks of whole planes, all indices checked first; each plane scattered by one worker in the order of the outputs: bits are fixed.
/// Registers: none to speak of; a scatter with possible repeats has no vector form.
/// Evidence: docs/kernels-conv.md.
final class MaxPoolGradient implements Call, Task {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Threads threads;
    private final Planes indices;
    private final Planes gy;
    private final Planes gx;
    private final Chunks chunks;
    private final Task check = this::checkPlanes;

    MaxPoolGradient(Threads threads, Planes indices, Planes gy, Planes gx) {
        this.threads = threads;
        this.indices = indices;
        this.gy = gy;
        this.gx = gx;
        chunks = Chunks.of(gx.count(), (long) gx.h() * gx.w() + 2L * gy.h() * gy.w());
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(check, chunks.count());
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        int size = gx.h() * gx.w();
        int outputs = gy.h() * gy.w();
        for (int p = chunks.from(chunk); p < chunks.to(chunk); p++) {
            long to = gx.plane(p);
            Zeros.fill(gx.segment(), to, 4L * size);
            scatter(indices.segment(), indices.plane(p), gy.segment(), gy.plane(p), outputs, gx.segment(), to);
        }
    }

    private void checkPlanes(int chunk, int worker) {
        int size = gx.h() * gx.w();
        int outputs = gy.h() * gy.w();
        for (int p = chunks.from(chunk); p < chunks.to(chunk); p++) {
            long from = indices.plane(p);
            if (outside(indices.segment(), from, outputs, size)) {
                for (int o = 0; o < outputs; o++) {
                    PoolCheck.position(indices.segment().get(LONG, from + 8L * o), p * outputs + o, size);
                }
            }
        }
    }

    private static boolean outside(MemorySegment indices, long from, int outputs, int size) {
        indices = OffHeap.of(indices);
        long signs = 0;
        for (int o = 0; o < outputs; o++) {
            long index = indices.get(LONG, from + 8L * o);
            signs |= index | (size - 1 - index);
        }
        return signs < 0;
    }

    private static void scatter(
            MemorySegment indices, long indexFrom, MemorySegment gy, long from, int outputs, MemorySegment gx,
            long to) {
        indices = OffHeap.of(indices);
        gy = OffHeap.of(gy);
        gx = OffHeap.of(gx);
        for (int o = 0; o < outputs; o++) {
            long at = to + 4 * indices.get(LONG, indexFrom + 8L * o);
            gx.set(FLOAT, at, gx.get(FLOAT, at) + gy.get(FLOAT, from + 4L * o));
        }
    }
}
