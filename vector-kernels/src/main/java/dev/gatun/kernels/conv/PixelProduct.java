package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;

/// Maths: `y[pixel, o] = epilogue(Σ x[taps of pixel] · w[taps, o])`: a convolution as a product whose rows are pixels.
/// Layout: channels last. The numbers that a result meets in one row of the filter lie side by side in x, so a row of
/// the product's left side is read where it is, at the place that a table gives; nothing is laid out. Images with
/// padding are copied with their zeros first. Rows of a filter too short for that (7×7 on 3 channels) are gathered
/// pixel by pixel, by the worker that multiplies them.
/// Blocking: sums by rows of the filter and by the machine's depth; a chunk is a range of pixels times a range of panels
/// of outputs, panel by panel, so that pixels and sums stay in the second-level cache. Sums are cut by shape alone: bits
/// depend neither on threads nor on the batch.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelProduct implements Call {
    /// Shorter runs of numbers in x are gathered.
    private static final int SHORT = 96;
    private static final int CHUNK_PIXELS = 256;
    private static final long CHUNK_WORK = 1 << 18;

    private final Threads threads;
    private final PixelShape shape;
    private final View x;
    private final View y;
    private final MemorySegment weights;
    private final PixelFinish finish;
    private final int images;
    private final PaddedPixels padded;
    private final boolean isCopied;
    private final boolean isGathered;
    private final int[] rowAt;
    private final int[] blockAt;
    private final int[] blockK;
    private final int[] blockLength;
    private final Tiling tiling;
    private final TileProduct product;
    private final Split heights;
    private final Split widths;
    private final long paddedBytes;
    private final int gatheredRow;
    private final long gatheredBytes;
    private final FloatBuffer plain;
    private final Tile[] tiles;
    private final Task copying = this::copy;
    private final Task multiplying = this::multiply;

    private MemorySegment scratch = MemorySegment.NULL;
    private FloatBuffer elements = FloatBuffer.allocate(0);
    private int first;

    /// `weights` as [PixelFilter#pack] left them.
    PixelProduct(
            Machine machine, PixelShape shape, View x, MemorySegment weights, View y, Expr epilogue,
            PixelFinish finish) {
        this.threads = machine.threads();
        this.shape = shape;
        this.x = x;
        this.y = y;
        this.weights = weights;
        this.finish = finish;
        images = finish.images();
        padded = new PaddedPixels(x, shape, images);
        isGathered = shape.kh() > 1 && shape.kw() * shape.c() < SHORT;
        isCopied = shape.isPadded() || isGathered || !isBuffer();
        int pixelStep = isCopied ? shape.c() : shape.pixel();
        int rowStep = isCopied ? padded.row() : shape.w() * shape.pixel();
        int imageStep = isCopied ? padded.image() : x.stride(0);
        int run = shape.run(pixelStep) * shape.c();
        gatheredRow = shape.k() - run + Math.ceilDiv(run, VL) * VL;
        rowAt = isGathered ? gatheredRows() : rows(imageStep, rowStep, pixelStep);
        int m = images * shape.pixels();
        tiling = Tiling.of(machine.type(), m, shape.oc());
        int runs = isGathered || run == 0 ? 1 : shape.k() / run;
        Split depth = isGathered
                ? machine.depth(shape.k())
                : tiling.rows().count() <= 1 ? new Split(run, Math.max(1, run)) : machine.depth(run);
        int blocks = Math.max(1, runs * depth.count());
        blockAt = new int[blocks];
        blockK = new int[blocks];
        blockLength = new int[blocks];
        for (int b = 0; b < runs * depth.count(); b++) {
            int r = b / depth.count();
            int d = b % depth.count();
            int perRow = Math.max(1, shape.kw() * shape.c() / Math.max(1, run));
            int origin = isGathered
                    ? 0
                    : r / perRow * shape.spec().dilationH() * rowStep
                            + r % perRow * shape.spec().dilationW() * pixelStep;
            blockAt[b] = origin + depth.start(d);
            blockK[b] = r * run + depth.start(d);
            blockLength[b] = depth.size(d);
        }
        product = TileProduct.tabled(machine.compiled(), tiling, blocks, epilogue, finish.extras());
        int count = threads.count();
        int most = Math.max(1, CHUNK_PIXELS / Math.max(1, tiling.rows().largest()));
        long work = (long) m * shape.oc() * Math.max(1, shape.k());
        int wanted = count == 1 ? 1 : (int) Math.clamp(work / CHUNK_WORK, 1, 4L * count);
        int tall = Math.clamp(Math.ceilDiv(tiling.rows().count(), wanted), 1, most);
        heights = new Split(tiling.rows().count(), tall);
        int across = Math.ceilDiv(wanted, Math.max(1, heights.count()));
        int panels = tiling.columns().count();
        widths = new Split(panels, Math.max(1, Math.ceilDiv(panels, isGathered ? 1 : across)));
        paddedBytes = isCopied ? padded.bytes() + 63 & ~63L : 0;
        gatheredBytes = isGathered
                ? 4L * gatheredRow * Math.max(1, heights.largest() * tiling.rows().largest()) + BYTES + 63 & ~63L
                : 0;
        plain = isCopied
                ? FloatBuffer.allocate(0)
                : x.segment().asSlice(x.offset(), extent(x)).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
        tiles = new Tile[count];
        for (int i = 0; i < count; i++) {
            tiles[i] = new Tile();
            finish.extras().attach(tiles[i]);
            tiles[i].rowAt = rowAt;
            tiles[i].b = weights;
            tiles[i].c = y.segment();
            tiles[i].cRow = 4L * ImageLayout.pixel(y);
        }
    }

    /// True when all images can be one buffer, whose elements are counted by ints.
    private boolean isBuffer() {
        return extent(x) / 4 < Integer.MAX_VALUE / 2;
    }

    private static long extent(View v) {
        long last = 0;
        for (int d = 0; d < v.rank(); d++) {
            last += (v.dim(d) - 1L) * v.stride(d);
        }
        return v.count() == 0 ? 0 : 4 * (last + 1);
    }

    private int[] rows(int imageStep, int rowStep, int pixelStep) {
        int[] at = new int[images * shape.pixels() + 8];
        int p = 0;
        for (int b = 0; b < images; b++) {
            for (int i = 0; i < shape.oh(); i++) {
                for (int j = 0; j < shape.ow(); j++) {
                    at[p++] = b * imageStep + i * shape.spec().strideH() * rowStep
                            + j * shape.spec().strideW() * pixelStep;
                }
            }
        }
        return at;
    }

    private int[] gatheredRows() {
        int[] at = new int[images * shape.pixels() + 8];
        for (int p = 0; p < at.length; p++) {
            at[p] = p * gatheredRow;
        }
        return at;
    }

    @Override
    public long scratchBytes() {
        return paddedBytes + gatheredBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        finish.prepare();
        if (isCopied && !memory.equals(scratch)) {
            // Made once for all runs with the same memory.
            elements = memory.asSlice(0, scratchBytes()).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
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
        int i0 = heights.start(height);
        int i1 = heights.start(height + 1);
        Tile tile = tiles[worker];
        int base = isCopied ? 0 : first * x.stride(0);
        if (isGathered) {
            int p0 = tiling.rows().start(i0);
            long room = paddedBytes + worker * gatheredBytes;
            gather(p0, tiling.rows().start(i1), room);
            base = (int) (room / 4) - p0 * gatheredRow;
        }
        tile.a32 = isCopied ? elements : plain;
        long to = y.offset() + 4L * first * y.stride(0);
        for (int j = widths.start(width); j < widths.start(width + 1); j++) {
            for (int b = 0; b < blockAt.length; b++) {
                tile.k = blockLength[b];
                product.run(
                        tile, Part.of(b, blockAt.length), i0, i1, j, j + 1, base + blockAt[b], 0, shape.k(),
                        blockK[b], to, finish.extras(), first / images);
            }
        }
    }

    /// Rows `p0 … p1 − 1` of the product's left side, to byte `at`.
    private void gather(int p0, int p1, long at) {
        int run = shape.kw() * shape.c();
        long rowBytes = 4L * gatheredRow;
        for (int p = p0; p < p1;) {
            int line = p / shape.ow();
            int j = p % shape.ow();
            int count = Math.min(p1 - p, shape.ow() - j);
            int image = line / shape.oh();
            int i = line % shape.oh();
            long from = 4L * ((long) image * padded.image() + (long) i * shape.spec().strideH() * padded.row()
                    + (long) j * shape.spec().strideW() * shape.c());
            ChannelsLast.gather(
                    scratch, from, 4L * shape.spec().strideW() * shape.c(), count,
                    4L * shape.spec().dilationH() * padded.row(), shape.kh(),
                    4L * shape.spec().dilationW() * shape.c(), shape.spec().dilationW() == 1 ? 1 : shape.kw(),
                    shape.spec().dilationW() == 1 ? run : shape.c(), at + (p - p0) * rowBytes, rowBytes);
            p += count;
        }
    }
}
