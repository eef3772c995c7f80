package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Maths: `gx[indices[o]] += gy[o]`, gx from zero. Layout: planes.
/// Blocking: chunks of whole planes, each scattered by one worker in the order of the outputs: bits are fixed.
/// Registers: none to speak of; a scatter with possible repeats has no vector form.
/// Evidence: docs/kernels-conv.md.
final class MaxPoolGradient implements Call, Task {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Threads threads;
    private final Planes indices;
    private final Planes gy;
    private final Planes gx;
    private final Chunks chunks;

    MaxPoolGradient(Threads threads, Planes indices, Planes gy, Planes gx) {
        this.threads = threads;
        this.indices = indices;
        this.gy = gy;
        this.gx = gx;
        chunks = Chunks.of(gx.count(), (long) gx.h() * gx.w() + 2L * gy.h() * gy.w());
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        int size = gx.h() * gx.w();
        int outputs = gy.h() * gy.w();
        for (int p = chunks.from(chunk); p < chunks.to(chunk); p++) {
            long to = gx.plane(p);
            gx.segment().asSlice(to, 4L * size).fill((byte) 0);
            scatter(indices.segment(), indices.plane(p), gy.segment(), gy.plane(p), outputs, gx.segment(), to, size);
        }
    }

    private static void scatter(
            MemorySegment indices, long indexFrom, MemorySegment gy, long from, int outputs, MemorySegment gx, long to,
            int size) {
        for (int o = 0; o < outputs; o++) {
            long index = indices.get(LONG, indexFrom + 8L * o);
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException("maxPool gradient: an index lies outside its image: index " + index
                        + " at output " + o + ", image of " + size + " numbers");
            }
            long at = to + 4 * index;
            gx.set(FLOAT, at, gx.get(FLOAT, at) + gy.get(FLOAT, from + 4L * o));
        }
    }
}
