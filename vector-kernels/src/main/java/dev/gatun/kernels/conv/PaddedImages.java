package dev.gatun.kernels.conv;

import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.Zeros;
import java.lang.foreign.MemorySegment;

/// Maths: images as far as the taps of a convolution reach, zeros around them.
/// Layout: as they come, without gaps: `[image][channel][row][column]` or `[image][row][column][channel]`.
/// Blocking: by rows, which the workers share.
/// Registers: none to speak of. Evidence: docs/kernels-conv.md.
final class PaddedImages {
    private static final long CHUNK_BYTES = 1 << 16;

    private final View x;
    private final PixelShape shape;
    private final int planes;
    private final int rows;
    private final int cell;
    private final int step;
    private final long rowBytes;
    private final int lines;
    private final int linesPerChunk;

    /// For so many images at a time.
    PaddedImages(View x, PixelShape shape, int images) {
        this.x = x;
        this.shape = shape;
        boolean last = shape.isLast();
        planes = last ? 1 : shape.c();
        cell = last ? shape.c() : 1;
        step = last ? shape.pixel() : 1;
        rows = shape.paddedRows();
        rowBytes = 4L * shape.paddedColumns() * cell;
        lines = images * planes * rows;
        linesPerChunk = Math.clamp(CHUNK_BYTES / Math.max(1, rowBytes), 1, Math.max(1, lines));
    }

    /// Elements from one row to the next.
    int row() {
        return (int) (rowBytes / 4);
    }

    /// Elements from one image to the next.
    int image() {
        return planes * rows * row();
    }

    /// Elements from one channel to the next.
    int channel() {
        return planes == 1 ? 1 : rows * row();
    }

    /// Elements from one pixel to the next.
    int pixel() {
        return cell;
    }

    long bytes() {
        return lines * rowBytes;
    }

    int chunks() {
        return Math.ceilDiv(lines, linesPerChunk);
    }

    /// Chunk `chunk` of the images from `first` on, to byte `at`.
    void copy(int first, int chunk, MemorySegment to, long at) {
        int end = Math.min(lines, (chunk + 1) * linesPerChunk);
        for (int line = chunk * linesPerChunk; line < end; line++) {
            int plane = line / rows;
            long from = x.offset()
                    + 4L * ((long) (first + plane / planes) * x.stride(0) + (long) (plane % planes) * x.stride(1));
            row(from, line % rows - shape.spec().padTop(), to, at + line * rowBytes);
        }
    }

    private void row(long from, int y, MemorySegment to, long at) {
        int columns = shape.paddedColumns();
        int first = Math.min(shape.spec().padLeft(), columns);
        int count =
                cell == 0 || y < 0 || y >= shape.h() ? 0 : Math.clamp(columns - shape.spec().padLeft(), 0, shape.w());
        long pixel = 4L * cell;
        if (count == 0) {
            Zeros.fill(to, at, rowBytes);
            return;
        }
        long line = from + 4L * y * shape.w() * step;
        Zeros.fill(to, at, first * pixel);
        if (step == cell) {
            MemorySegment.copy(x.segment(), line, to, at + first * pixel, count * pixel);
        } else {
            for (int j = 0; j < count; j++) {
                MemorySegment.copy(x.segment(), line + 4L * j * step, to, at + (first + j) * pixel, pixel);
            }
        }
        Zeros.fill(to, at + (first + count) * pixel, (columns - first - count) * pixel);
    }
}
