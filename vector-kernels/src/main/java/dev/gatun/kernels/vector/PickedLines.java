package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Element i of a picked line is element number index(i) of the table's line (gather), or is added to it (scatter-add). A line
/// of the table belongs to one line of the picks, so lines can be done at once.
final class PickedLines implements Call, Task {
    private final Threads threads;
    private final String op;
    private final View table;
    private final View index;
    private final View picked;
    private final boolean add;
    private final Lines lines;
    private final int n;
    private final int bound;
    private final int tableStep;
    private final int indexStep;
    private final int pickedStep;
    private final int chunks;

    PickedLines(Threads threads, String op, View table, View index, View picked, int dim, boolean add) {
        this.threads = threads;
        this.op = op;
        this.table = table;
        this.index = index;
        this.picked = picked;
        this.add = add;
        lines = Lines.along(dim, table, index, picked);
        n = picked.dim(dim);
        bound = table.dim(dim);
        tableStep = table.stride(dim);
        indexStep = index.stride(dim);
        pickedStep = picked.stride(dim);
        chunks = lines.chunks(threads, n);
    }

    @Override
    public void run(MemorySegment scratch) {
        IndexRange.check(op, index, bound);
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        for (int line = lines.first(chunk, chunks); line < lines.first(chunk + 1, chunks); line++) {
            long t = lines.offset(0, line);
            long x = lines.offset(1, line);
            long p = lines.offset(2, line);
            if (picked.dtype() == DType.F32) {
                floats(t, x, p);
            } else {
                any(t, x, p);
            }
        }
    }

    private void floats(long t, long x, long p) {
        MemorySegment a = OffHeap.of(table.segment());
        MemorySegment b = OffHeap.of(picked.segment());
        for (int i = 0; i < n; i++) {
            long there = table.offset() + 4 * (t + index.getLong(x + (long) i * indexStep) * tableStep);
            long here = picked.offset() + 4 * (p + (long) i * pickedStep);
            if (add) {
                a.set(JAVA_FLOAT, there, a.get(JAVA_FLOAT, there) + b.get(JAVA_FLOAT, here));
            } else {
                b.set(JAVA_FLOAT, here, a.get(JAVA_FLOAT, there));
            }
        }
    }

    private void any(long t, long x, long p) {
        for (int i = 0; i < n; i++) {
            long there = t + index.getLong(x + (long) i * indexStep) * tableStep;
            long here = p + (long) i * pickedStep;
            IndexRange.move(table, there, picked, here, add);
        }
    }
}
