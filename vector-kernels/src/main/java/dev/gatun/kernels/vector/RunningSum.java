package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Running sums along a dim, in double (integers in long), one after the other; lines are shared among the threads.
final class RunningSum implements Call, Task {
    private final Threads threads;
    private final View in;
    private final View out;
    private final Lines lines;
    private final int n;
    private final int stepIn;
    private final int stepOut;
    private final int chunks;

    RunningSum(Threads threads, View in, View out, int dim) {
        this.threads = threads;
        this.in = in;
        this.out = out;
        n = in.dim(dim);
        stepIn = in.stride(dim);
        stepOut = out.stride(dim);
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
            long to = lines.offset(1, i);
            if (in.dtype() == DType.F32) {
                floats(in.offset() + from * 4, out.offset() + to * 4);
            } else if (in.dtype() == DType.F64) {
                doubles(from, to);
            } else {
                longs(from, to);
            }
        }
    }

    private void floats(long from, long to) {
        MemorySegment s = OffHeap.of(in.segment());
        MemorySegment t = OffHeap.of(out.segment());
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += s.get(JAVA_FLOAT, from + i * 4L * stepIn);
            t.set(JAVA_FLOAT, to + i * 4L * stepOut, (float) sum);
        }
    }

    private void doubles(long from, long to) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += in.getDouble(from + (long) i * stepIn);
            out.setDouble(to + (long) i * stepOut, sum);
        }
    }

    private void longs(long from, long to) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += in.getLong(from + (long) i * stepIn);
            out.setLong(to + (long) i * stepOut, sum);
        }
    }
}
