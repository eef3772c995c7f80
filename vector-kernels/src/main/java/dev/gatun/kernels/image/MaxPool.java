package dev.gatun.kernels.image;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Maths: `y = max over the window`, and where. Layout: planes `[h, w]`, one after another.
/// Blocking: chunks of whole planes; a row splits into borders (scalar) and the outputs with all columns inside.
/// Registers: see [MaxRows].
/// Evidence: docs/kernels-conv.md.
final class MaxPool implements Call, Task {
    private final Threads threads;
    private final Planes x;
    private final Planes y;
    private final @Nullable Planes indices;
    private final Axis rows;
    private final Axis cols;
    private final Chunks chunks;
    private final boolean vector;

    MaxPool(Threads threads, Planes x, Planes y, @Nullable Planes indices, Axis rows, Axis cols) {
        this.threads = threads;
        this.x = x;
        this.y = y;
        this.indices = indices;
        this.rows = rows;
        this.cols = cols;
        chunks = Chunks.of(y.count(), (long) y.h() * y.w() * 8);
        vector = cols.stride == 1 || cols.stride == 2;
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        for (int p = chunks.from(chunk); p < chunks.to(chunk); p++) {
            long from = x.plane(p);
            long to = y.plane(p);
            long indexTo = indices == null ? -1 : indices.plane(p);
            MemorySegment indexMemory = indices == null ? y.segment() : indices.segment();
            for (int i = 0; i < y.h(); i++) {
                row(from, i, to + 4L * i * y.w(), indexMemory, indexTo < 0 ? -1 : indexTo + 8L * i * y.w());
            }
        }
    }

    private void row(long plane, int i, long to, MemorySegment indexMemory, long indexTo) {
        boolean uniform = cols.stride > 0;
        int j0 = uniform ? cols.full0 : cols.count;
        int j1 = uniform ? cols.full1 : cols.count;
        int top = rows.at(i);
        int taps = rows.taps(i);
        long rowStep = 4L * rows.dilation * x.w();
        int colStep = 4 * cols.dilation;
        int positions = rows.dilation * x.w();
        for (int j = 0; j < cols.count; j++) {
            if (j == j0 && j1 > j0) {
                int position = top * x.w() + cols.start[j];
                long at = plane + 4L * position;
                if (!vector) {
                    MaxRows.some(x.segment(), at, rowStep, taps, colStep, cols.kernel, cols.stride, y.segment(),
                            to + 4L * j, j1 - j0, indexMemory, indexTo < 0 ? -1 : indexTo + 8L * j, position,
                            positions);
                } else if (indexTo < 0) {
                    MaxRows.values(x.segment(), at, rowStep, taps, colStep, cols.kernel, cols.stride, y.segment(),
                            to + 4L * j, j1 - j0);
                } else {
                    MaxRows.positions(x.segment(), at, rowStep, taps, colStep, cols.kernel, cols.stride, y.segment(),
                            to + 4L * j, j1 - j0, indexMemory, indexTo + 8L * j, position, positions);
                }
                j = j1 - 1;
                continue;
            }
            int position = top * x.w() + cols.at(j);
            MaxRows.some(x.segment(), plane + 4L * position, rowStep, taps, colStep, cols.taps(j), cols.stride,
                    y.segment(),
                    to + 4L * j, 1, indexMemory, indexTo < 0 ? -1 : indexTo + 8L * j, position, positions);
        }
    }
}
