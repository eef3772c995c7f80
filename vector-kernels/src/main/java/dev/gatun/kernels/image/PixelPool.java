package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Maths: `y = max` or mean over the window, NaN where one of a maximum's is.
/// Layout: channels last, a lane is a channel; the last vector of channels overlaps the one before, fewer channels than
/// lanes are masked.
/// Blocking: chunks of rows of results; nothing is copied, taps outside the image are left out.
/// Registers: one result. Evidence: docs/kernels-conv.md.
final class PixelPool implements Call, Task {
    private final Threads threads;
    private final View x;
    private final View y;
    private final Axis rows;
    private final Axis cols;
    private final boolean max;
    private final boolean countPadding;
    private final Chunks chunks;

    /// `countPadding` is for means: the divisor counts taps in the padding.
    PixelPool(Threads threads, View x, View y, Axis rows, Axis cols, boolean max, boolean countPadding) {
        this.threads = threads;
        this.x = x;
        this.y = y;
        this.rows = rows;
        this.cols = cols;
        this.max = max;
        this.countPadding = countPadding;
        long taps = rows.count == 0 || cols.count == 0 ? 1 : (long) rows.taps(0) * cols.taps(0);
        chunks = Chunks.of(y.dim(0) * y.dim(2), (long) y.dim(3) * y.dim(1) * Math.max(1, taps) / 4);
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        for (int r = chunks.from(chunk); r < chunks.to(chunk); r++) {
            row(r / y.dim(2), r % y.dim(2));
        }
    }

    private void row(int image, int i) {
        long xPixel = 4L * ImageLayout.pixel(x);
        long yPixel = 4L * ImageLayout.pixel(y);
        long from = x.offset() + 4L * image * x.stride(0) + (long) rows.at(i) * x.dim(3) * xPixel;
        long to = y.offset() + 4L * image * y.stride(0) + (long) i * y.dim(3) * yPixel;
        long down = xPixel * x.dim(3) * rows.dilation;
        long across = xPixel * cols.dilation;
        for (int j = 0; j < y.dim(3); j++) {
            long at = from + cols.at(j) * xPixel;
            if (max) {
                largest(x.segment(), at, down, rows.taps(i), across, cols.taps(j), y.segment(), to + j * yPixel,
                        y.dim(1));
            } else {
                int divisor = countPadding ? rows.padded[i] * cols.padded[j] : rows.taps(i) * cols.taps(j);
                mean(x.segment(), at, down, rows.taps(i), across, cols.taps(j), divisor, y.segment(), to + j * yPixel,
                        y.dim(1));
            }
        }
    }

    private static void largest(
            MemorySegment x, long from, long down, int lines, long across, int taps, MemorySegment y, long to,
            int channels) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        if (channels < VL) {
            VectorMask<Float> some = IOTA.compare(LT, (float) channels);
            FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            for (int u = 0; u < lines; u++) {
                for (int v = 0; v < taps; v++) {
                    best = best.max(fromMemorySegment(F, x, from + u * down + v * across, ORDER, some));
                }
            }
            best.intoMemorySegment(y, to, ORDER, some);
            return;
        }
        for (int c = 0; c < channels; c += VL) {
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector best = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            for (int u = 0; u < lines; u++) {
                for (int v = 0; v < taps; v++) {
                    best = best.max(fromMemorySegment(F, x, from + u * down + v * across + lane, ORDER));
                }
            }
            best.intoMemorySegment(y, to + lane, ORDER);
        }
    }

    private static void mean(
            MemorySegment x, long from, long down, int lines, long across, int taps, float divisor, MemorySegment y,
            long to, int channels) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        if (channels < VL) {
            VectorMask<Float> some = IOTA.compare(LT, (float) channels);
            FloatVector sum = FloatVector.zero(F);
            for (int u = 0; u < lines; u++) {
                for (int v = 0; v < taps; v++) {
                    sum = sum.add(fromMemorySegment(F, x, from + u * down + v * across, ORDER, some));
                }
            }
            sum.div(divisor).intoMemorySegment(y, to, ORDER, some);
            return;
        }
        for (int c = 0; c < channels; c += VL) {
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector sum = FloatVector.zero(F);
            for (int u = 0; u < lines; u++) {
                for (int v = 0; v < taps; v++) {
                    sum = sum.add(fromMemorySegment(F, x, from + u * down + v * across + lane, ORDER));
                }
            }
            sum.div(divisor).intoMemorySegment(y, to + lane, ORDER);
        }
    }
}
