package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Index of the first extreme of every line along a dim; lines are shared among the threads.
final class ArgSearch implements Call, Task {
    private final Threads threads;
    private final boolean largest;
    private final View in;
    private final View out;
    private final Lines lines;
    private final int n;
    private final int stride;
    private final int chunks;

    ArgSearch(Threads threads, boolean largest, View in, View out, int dim) {
        this.threads = threads;
        this.largest = largest;
        this.in = in;
        this.out = out;
        n = in.dim(dim);
        stride = in.stride(dim);
        lines = Lines.along(dim, in, out);
        chunks = lines.chunks(threads, n);
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        for (int i = lines.first(chunk, chunks); i < lines.first(chunk + 1, chunks); i++) {
            long from = lines.offset(0, i);
            int best = switch (in.dtype()) {
                case F32 -> ofFloats(from);
                case F64 -> ofDoubles(from);
                case I64, I32, U8, BOOL -> ofLongs(from);
            };
            out.setLong(lines.offset(1, i), best);
        }
    }

    private int ofFloats(long from) {
        MemorySegment s = OffHeap.of(in.segment());
        long base = in.offset() + from * 4;
        long step = stride * 4L;
        int best = 0;
        float value = s.get(JAVA_FLOAT, base);
        for (int i = 1; i < n && !Float.isNaN(value); i++) {
            float v = s.get(JAVA_FLOAT, base + i * step);
            if (largest ? !(v <= value) : !(v >= value)) {
                value = v;
                best = i;
            }
        }
        return best;
    }

    private int ofDoubles(long from) {
        int best = 0;
        double value = in.getDouble(from);
        for (int i = 1; i < n && !Double.isNaN(value); i++) {
            double v = in.getDouble(from + (long) i * stride);
            if (largest ? !(v <= value) : !(v >= value)) {
                value = v;
                best = i;
            }
        }
        return best;
    }

    private int ofLongs(long from) {
        int best = 0;
        long value = in.getLong(from);
        for (int i = 1; i < n; i++) {
            long v = in.getLong(from + (long) i * stride);
            if (largest ? v > value : v < value) {
                value = v;
                best = i;
            }
        }
        return best;
    }
}
