package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: mean of each window; its gradient spreads `gy / divisor` over the window, gx from zero.
/// Layout: planes `[h, w]`. A window as wide as the image is a sum of whole rows (global pooling).
/// Blocking: chunks of whole planes; a row splits into borders (scalar) and the outputs with all columns inside.
/// Registers: see [AverageRows]. Overlapping gradients are added row by row in the order of the outputs: fixed bits.
/// Evidence: docs/kernels-conv.md.
final class AveragePool implements Call, Task {
    private final Threads threads;
    private final Planes x;
    private final Planes y;
    private final Axis rows;
    private final Axis cols;
    private final boolean countPadding;
    private final boolean gradient;
    private final Chunks chunks;
    private MemorySegment lanes = MemorySegment.NULL;

    /// `x` are the images and `y` the means, or, for the gradient, those of the images and those of the means.
    AveragePool(Threads threads, Planes x, Planes y, Axis rows, Axis cols, boolean countPadding, boolean gradient) {
        this.threads = threads;
        this.x = x;
        this.y = y;
        this.rows = rows;
        this.cols = cols;
        this.countPadding = countPadding;
        this.gradient = gradient;
        chunks = Chunks.of(y.count(), (long) x.h() * x.w() + 4L * y.h() * y.w());
    }

    /// A vector per worker.
    @Override
    public long scratchBytes() {
        return (long) Lanes.BYTES * threads.count();
    }

    @Override
    public void run(MemorySegment scratch) {
        lanes = scratch;
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        for (int p = chunks.from(chunk); p < chunks.to(chunk); p++) {
            long image = x.plane(p);
            long means = y.plane(p);
            if (gradient) {
                spread(image, means);
            } else {
                for (int i = 0; i < y.h(); i++) {
                    row(image, i, means + 4L * i * y.w(), (long) Lanes.BYTES * worker);
                }
            }
        }
    }

    private float divisor(int i, int j) {
        return countPadding
                ? (float) ((long) rows.padded[i] * cols.padded[j])
                : (float) ((long) rows.taps(i) * cols.taps(j));
    }

    private void row(long plane, int i, long to, long lanesAt) {
        MemorySegment means = OffHeap.of(y.segment());
        int j0 = 0;
        int j1 = 0;
        if (cols.stride == 1 || cols.stride == 2) {
            j0 = cols.full0;
            j1 = cols.full1;
        }
        int top = rows.at(i);
        int taps = rows.taps(i);
        long rowStep = 4L * rows.dilation * x.w();
        int colStep = 4 * cols.dilation;
        for (int j = 0; j < cols.count; j++) {
            long at = plane + 4L * (top * x.w() + cols.at(j));
            if (isWide(taps, cols.taps(j))) {
                means.set(FLOAT, to + 4L * j, (float) (wide(at, taps, cols.taps(j), lanesAt) / divisor(i, j)));
            } else if (j == j0 && j1 > j0) {
                AverageRows.values(x.segment(), at, rowStep, taps, colStep, cols.kernel, cols.stride, divisor(i, j),
                        means, to + 4L * j, j1 - j0);
                j = j1 - 1;
            } else {
                double sum = AverageRows.one(x.segment(), at, rowStep, taps, colStep, cols.taps(j));
                means.set(FLOAT, to + 4L * j, (float) (sum / divisor(i, j)));
            }
        }
    }

    /// True for a window with a vector's worth of numbers side by side: in one of its rows, or in all of them where it is
    /// as wide as the image.
    private boolean isWide(int taps, int width) {
        return cols.dilation == 1 && (isJoined(width) ? taps * width : width) >= Lanes.VL;
    }

    private boolean isJoined(int width) {
        return width == x.w() && rows.dilation == 1;
    }

    /// Sum of a window of many columns, row by row, or at once where the rows follow each other.
    private double wide(long at, int taps, int width, long lanesAt) {
        if (isJoined(width)) {
            return Lanes.sum(x.segment(), at, taps * width, lanes, lanesAt);
        }
        double sum = 0;
        for (int u = 0; u < taps; u++) {
            sum += Lanes.sum(x.segment(), at + 4L * u * rows.dilation * x.w(), width, lanes, lanesAt);
        }
        return sum;
    }

    private void spread(long image, long means) {
        MemorySegment gx = x.segment();
        MemorySegment gy = OffHeap.of(y.segment());
        if (y.h() == 1 && y.w() == 1 && rows.taps(0) == x.h() && cols.taps(0) == x.w()) {
            AverageRows.fill(gx, image, x.h() * x.w(), gy.get(FLOAT, means) / divisor(0, 0));
            return;
        }
        Zeros.fill(gx, image, 4L * x.h() * x.w());
        for (int i = 0; i < y.h(); i++) {
            spreadRow(image, i, means + 4L * i * y.w());
        }
    }

    private void spreadRow(long image, int i, long from) {
        MemorySegment gx = x.segment();
        MemorySegment gy = OffHeap.of(y.segment());
        boolean pairs = cols.stride == 2 && cols.kernel == 2 && cols.dilation == 1 && rows.kernel == rows.stride
                && rows.dilation == 1;
        boolean vector = pairs || cols.stride == 1;
        int j0 = vector ? cols.full0 : cols.count;
        int j1 = vector ? cols.full1 : cols.count;
        int top = rows.at(i);
        int taps = rows.taps(i);
        long rowStep = 4L * rows.dilation * x.w();
        for (int j = 0; j < cols.count; j++) {
            long at = image + 4L * (top * x.w() + cols.at(j));
            if (j == j0 && j1 > j0) {
                float divisor = divisor(i, j);
                for (int u = 0; u < taps; u++) {
                    if (pairs) {
                        AverageRows.twice(gy, from + 4L * j, divisor, gx, at + u * rowStep, j1 - j0);
                        continue;
                    }
                    for (int v = 0; v < cols.kernel; v++) {
                        AverageRows.spread(gy, from + 4L * j, divisor, gx,
                                at + u * rowStep + 4L * v * cols.dilation, j1 - j0);
                    }
                }
                j = j1 - 1;
            } else {
                float value = gy.get(FLOAT, from + 4L * j) / divisor(i, j);
                AverageRows.spreadOne(gx, at, rowStep, taps, 4 * cols.dilation, cols.taps(j), value);
            }
        }
    }
}
