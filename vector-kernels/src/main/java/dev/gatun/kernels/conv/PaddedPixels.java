package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;

import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Maths: images as far as the taps of a convolution reach, zeros around them.
/// Layout: from channels last, pixels any distance apart, to `[image][row][column][channel]` without gaps; every row
/// has room for one vector more, which stores may run over.
/// Blocking: by rows, which the workers share.
/// Registers: none to speak of. Evidence: docs/kernels-conv.md.
final class PaddedPixels {
    private static final long CHUNK_BYTES = 1 << 16;

    private final View x;
    private final PixelShape shape;
    private final int images;
    private final int rows;
    private final long rowBytes;
    private final int rowsPerChunk;

    /// For so many images at a time.
    PaddedPixels(View x, PixelShape shape, int images) {
        this.x = x;
        this.shape = shape;
        this.images = images;
        rows = shape.paddedRows();
        rowBytes = 4L * shape.paddedColumns() * shape.c();
        rowsPerChunk = Math.clamp(CHUNK_BYTES / Math.max(1, rowBytes), 1, Math.max(1, rows * images));
    }

    /// Elements from one row to the next.
    int row() {
        return (int) (rowBytes / 4);
    }

    /// Elements from one image to the next.
    int image() {
        return rows * row();
    }

    long bytes() {
        return images * rows * rowBytes + BYTES;
    }

    int chunks() {
        return Math.ceilDiv(images * rows, rowsPerChunk);
    }

    /// Chunk `chunk` of the images from `first` on, to byte `at`.
    void copy(int first, int chunk, MemorySegment to, long at) {
        int end = Math.min(images * rows, (chunk + 1) * rowsPerChunk);
        for (int r = chunk * rowsPerChunk; r < end; r++) {
            row(first + r / rows, r % rows - shape.spec().padTop(), to, at + r * rowBytes);
        }
    }

    private void row(int image, int y, MemorySegment to, long at) {
        int left = shape.spec().padLeft();
        int columns = shape.paddedColumns();
        long pixel = 4L * shape.c();
        int first = Math.min(left, columns);
        int count = y < 0 || y >= shape.h() ? 0 : Math.clamp(columns - left, 0, shape.w());
        if (count == 0) {
            to.asSlice(at, rowBytes).fill((byte) 0);
            return;
        }
        long from = x.offset() + 4L * ((long) image * x.stride(0) + (long) y * shape.w() * shape.pixel());
        zero(to, at, first * pixel);
        if (shape.pixel() == shape.c()) {
            MemorySegment.copy(x.segment(), from, to, at + first * pixel, count * pixel);
        } else {
            for (int j = 0; j < count; j++) {
                MemorySegment.copy(
                        x.segment(), from + 4L * j * shape.pixel(), to, at + (first + j) * pixel, pixel);
            }
        }
        zero(to, at + (first + count) * pixel, (columns - first - count) * pixel);
    }

    private static void zero(MemorySegment to, long at, long bytes) {
        for (long i = 0; i < bytes; i += 4) {
            to.set(dev.gatun.kernels.image.Lanes.FLOAT, at + i, 0f);
        }
    }
}
