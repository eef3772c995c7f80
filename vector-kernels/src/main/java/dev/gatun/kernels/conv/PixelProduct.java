package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Grid;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;

/// Maths: `y[pixel, o] = epilogue(Σ x[taps of pixel] · w[taps, o])`: a convolution as a product whose rows are pixels.
/// Layout: results channels last, images in either layout. Nothing is laid out: the kernel repeats single numbers of its
/// left side over a vector of outputs, and reads those of a pixel where a table says. What a row of the filter meets lies
/// side by side in images that lie channels last; where these runs are short, and in planes, a second table has an entry
/// for every tap. Images with padding are copied with their zeros first.
/// Blocking: a chunk is a range of pixels times a range of panels of outputs; inside, see [PixelSums].
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelProduct implements Call {
    private static final int CHUNK_PIXELS = 256;
    private static final long CHUNK_WORK = 1 << 18;

    private final Threads threads;
    private final PixelShape shape;
    private final View x;
    private final View y;
    private final PixelFinish finish;
    private final int images;
    private final PaddedImages padded;
    private final boolean isCopied;
    private final PixelSums sums;
    private final long copyBytes;
    private final Split heights;
    private final Split widths;
    private final Tile[] tiles;
    private final Task copying = this::copy;
    private final Task multiplying = this::multiply;

    private MemorySegment scratch = MemorySegment.NULL;
    private FloatBuffer elements;
    private int first;

    /// `weights` as [PixelFilter#pack] left them.
    PixelProduct(
            Machine machine, PixelShape shape, View x, MemorySegment weights, View y, Expr epilogue,
            PixelFinish finish) {
        this.threads = machine.threads();
        this.shape = shape;
        this.x = x;
        this.y = y;
        this.finish = finish;
        images = finish.images();
        padded = new PaddedImages(x, shape, images);
        isCopied = shape.isPadded() || !isBuffer();
        int m = images * shape.pixels();
        int[] tapAt = isCopied
                ? shape.taps(padded.row(), padded.pixel(), padded.channel())
                : shape.taps(shape.w() * shape.pixel(), shape.pixel(), x.stride(1));
        sums = new PixelSums(machine, m, shape.oc(), tapAt, weights, epilogue, finish.extras());
        Tiling tiling = sums.tiling();
        int count = threads.count();
        long work = (long) m * shape.oc() * Math.max(1, shape.k());
        int wanted = count == 1 ? 1 : (int) Math.clamp(work / CHUNK_WORK, 1, 8L * count);
        Grid grid = Grid.of(
                count, tiling.rows().count(), tiling.columns().count(),
                Math.max(1, CHUNK_PIXELS / Math.max(1, tiling.rows().largest())), wanted, work,
                (double) images * shape.c() * shape.h() * shape.w(), (double) shape.k() * shape.oc());
        heights = grid.heights();
        widths = grid.widths();
        copyBytes = isCopied ? padded.bytes() : 0;
        elements = isCopied
                ? FloatBuffer.allocate(0)
                : PixelSums.elements(x);
        tiles = new Tile[count];
        int[] rowAt = PixelSums.withSpare(isCopied
                ? shape.rows(images, padded.image(), padded.row(), padded.pixel())
                : shape.rows(images, x.stride(0), shape.w() * shape.pixel(), shape.pixel()));
        for (int i = 0; i < count; i++) {
            tiles[i] = sums.tile(rowAt);
            tiles[i].c = y.segment();
            tiles[i].cRow = 4L * ImageLayout.pixel(y);
        }
    }

    /// True when all images can be one buffer, whose elements are counted by ints.
    private boolean isBuffer() {
        return PixelSums.extent(x) < Integer.MAX_VALUE;
    }

    @Override
    public long scratchBytes() {
        return copyBytes;
    }

    @Override
    public void run(MemorySegment memory) {
        finish.prepare();
        if (isCopied && !memory.equals(scratch)) {
            // Made once for all runs with the same memory.
            elements = memory.asSlice(0, padded.bytes()).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
        }
        scratch = memory;
        for (first = 0; first < shape.n(); first += images) {
            if (isCopied) {
                threads.run(copying, padded.chunks());
            }
            threads.run(multiplying, heights.count() * widths.count());
        }
    }

    private void copy(int chunk, int worker) {
        padded.copy(first, chunk, scratch, 0);
    }

    private void multiply(int chunk, int worker) {
        int height = chunk % heights.count();
        int width = chunk / heights.count();
        Tile tile = tiles[worker];
        tile.a32 = elements;
        sums.run(
                tile, isCopied ? 0 : first * x.stride(0), heights.start(height), heights.start(height + 1),
                widths.start(width), widths.start(width + 1), y.offset() + 4L * first * y.stride(0), first / images);
    }
}
