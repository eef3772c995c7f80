package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernel;
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
import org.jspecify.annotations.Nullable;

/// Maths: `y[pixel, o] = epilogue(Σ x[taps of pixel] · w[taps, o])`: a convolution as a product whose rows are pixels.
/// Layout: results channels last, images in either layout. Nothing is laid out: the kernel repeats single numbers of its
/// left side over a vector of outputs, and reads those of a pixel where a table says. What a row of the filter meets lies
/// side by side in images that lie channels last; where these runs are short, and in planes, a second table has an entry
/// for every tap. Images with padding are copied with their zeros first.
/// Blocking: sums by runs, long ones by the machine's depth. Several blocks begin with zeros and end with the epilogue as
/// a pass, so that one kernel does for all of them: a network has many shapes, and each kernel takes the compiler a third
/// of a second. A last vector that is partly outside the results is summed up beside them then and copied: kernels that
/// add to old values and mask a tail took four times as long. A chunk is a range of pixels times a range of panels of outputs, panel by
/// panel, so that pixels and sums stay in the second-level cache. Sums are cut by shape alone: bits depend neither on
/// threads nor on the batch.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelProduct implements Call {
    /// Shorter runs of numbers side by side are not worth a call of the kernel each.
    private static final int SHORT = 64;
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
    private final int[] blockAt;
    private final int[] blockK;
    private final int[] blockLength;
    private final TileProduct product;
    private final @Nullable MicroKernel[] passes;
    private final boolean isBeside;
    private final long besideAt;
    private final long besideBytes;
    private final Split heights;
    private final Split widths;
    private final FloatBuffer plain;
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
        Tiling tiling = Tiling.of(machine.type(), m, shape.oc());
        int[] tapAt = isCopied
                ? shape.taps(padded.row(), padded.pixel(), padded.channel())
                : shape.taps(shape.w() * shape.pixel(), shape.pixel(), x.stride(1));
        int run = run(tapAt);
        boolean tapped = run < SHORT && run < shape.k();
        int length = tapped ? shape.k() : run;
        boolean isCut = tiling.rows().count() > 1 || TileProduct.isCopied(tiling, tapped);
        Split depth = !isCut
                ? new Split(length, Math.max(1, length))
                : machine.depth(length);
        int blocks = length == 0 ? 1 : shape.k() / length * depth.count();
        blockAt = new int[blocks];
        blockK = new int[blocks];
        blockLength = new int[blocks];
        for (int b = 0; b < blocks && length > 0; b++) {
            int d = b % depth.count();
            blockK[b] = b / depth.count() * length + depth.start(d);
            blockAt[b] = tapped ? 0 : tapAt[blockK[b]];
            blockLength[b] = depth.size(d);
        }
        boolean whole = blocks == 1;
        isBeside = !whole && shape.oc() % VL != 0;
        if (isBeside) {
            tiling = Tiling.of(machine.type(), m, Math.ceilDiv(shape.oc(), VL) * VL);
        }
        product = TileProduct.tabled(
                machine.compiled(), tiling, tapped, blocks, whole ? epilogue : Expr.input(0),
                whole ? finish.extras() : Extras.NONE);
        boolean passed = !whole && !epilogue.equals(Expr.input(0));
        passes = machine.compiled().passes(
                machine.type(), epilogue, finish.extras().kinds(), passed && shape.oc() >= VL, passed && isBeside);
        int count = threads.count();
        long work = (long) m * shape.oc() * Math.max(1, shape.k());
        int wanted = count == 1 ? 1 : (int) Math.clamp(work / CHUNK_WORK, 1, 4L * count);
        int most = Math.max(1, CHUNK_PIXELS / Math.max(1, tiling.rows().largest()));
        heights = new Split(
                tiling.rows().count(), Math.clamp(Math.ceilDiv(tiling.rows().count(), wanted), 1, most));
        int across = Math.ceilDiv(wanted, Math.max(1, heights.count()));
        int panels = tiling.columns().count();
        widths = new Split(panels, Math.max(1, Math.ceilDiv(panels, across)));
        int last = Math.max(0, panels - 1);
        besideAt = isCopied ? padded.bytes() + 63 & ~63L : 0;
        besideBytes = isBeside
                ? (long) heights.largest() * tiling.rows().largest() * tiling.columns().size(last) * BYTES
                : 0;
        plain = isCopied
                ? FloatBuffer.allocate(0)
                : x.segment().asSlice(x.offset(), extent(x)).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
        elements = plain;
        tiles = new Tile[count];
        int[] rowAt = isCopied
                ? shape.rows(images, padded.image(), padded.row(), padded.pixel())
                : shape.rows(images, x.stride(0), shape.w() * shape.pixel(), shape.pixel());
        for (int i = 0; i < count; i++) {
            Tile tile = new Tile();
            finish.extras().attach(tile);
            tile.rowAt = rowAt;
            tile.tapAt = tapAt;
            tile.b = weights;
            tile.c = y.segment();
            tile.cRow = 4L * ImageLayout.pixel(y);
            tiles[i] = tile;
        }
    }

    /// The length of the runs of taps side by side that all taps fall into.
    private static int run(int[] tapAt) {
        int run = 0;
        while (run < tapAt.length && tapAt[run] == run) {
            run++;
        }
        while (run > 1 && (tapAt.length % run != 0 || !isRuns(tapAt, run))) {
            run--;
        }
        return run;
    }

    private static boolean isRuns(int[] tapAt, int run) {
        for (int p = 0; p < tapAt.length; p++) {
            if (tapAt[p] != tapAt[p - p % run] + p % run) {
                return false;
            }
        }
        return true;
    }

    /// True when all images can be one buffer, whose elements are counted by ints.
    private boolean isBuffer() {
        return extent(x) < Integer.MAX_VALUE;
    }

    private static long extent(View v) {
        long last = 0;
        for (int d = 0; d < v.rank(); d++) {
            last += (v.dim(d) - 1L) * v.stride(d);
        }
        return v.count() == 0 ? 0 : 4 * (last + 1);
    }

    @Override
    public long scratchBytes() {
        return besideAt + besideBytes * tiles.length;
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
        int base = isCopied ? 0 : first * x.stride(0);
        long to = y.offset() + 4L * first * y.stride(0);
        int i0 = heights.start(height);
        int i1 = heights.start(height + 1);
        boolean several = blockAt.length > 1;
        int panels = product.tiling().columns().count();
        int end = widths.start(width + 1);
        // Rows that are copied are copied for as many panels as can be.
        int together = product.isCopied() ? isBeside ? panels - 1 : panels : 1;
        for (int j = widths.start(width), j1; j < end; j = j1) {
            boolean beside = isBeside && j == panels - 1;
            j1 = Math.min(end, j < together ? together : j + 1);
            long at = to;
            if (beside) {
                at = besideAt + worker * besideBytes;
                tile.c = scratch;
                tile.cRow = (long) product.tiling().columns().size(j) * BYTES;
                int row = product.tiling().rows().start(i0);
                ChannelsLast.zero(scratch, at, (product.tiling().rows().start(i1) - row) * tile.cRow);
                at -= row * tile.cRow + (long) product.tiling().columns().start(j) * BYTES;
            } else if (several) {
                zero(i0, i1, j, j1, to);
            }
            for (int b = 0; b < blockAt.length; b++) {
                tile.k = blockLength[b];
                product.run(
                        tile, Part.of(b, blockAt.length), i0, i1, j, j1, base + blockAt[b], 0, shape.k(), blockK[b],
                        at, several ? Extras.NONE : finish.extras(), first / images);
            }
            if (beside) {
                tile.c = y.segment();
                tile.cRow = 4L * ImageLayout.pixel(y);
                copyBack(i0, i1, j, besideAt + worker * besideBytes, to);
            }
            if (several) {
                for (int k = j; k < j1; k++) {
                    finish(tile, i0, i1, k, to);
                }
            }
        }
    }

    private void zero(int i0, int i1, int j0, int j1, long to) {
        Tiling tiling = product.tiling();
        long from = (long) tiling.columns().start(j0) * BYTES;
        long width = (long) tiling.columns().start(j1) * BYTES - from;
        long pixel = 4L * ImageLayout.pixel(y);
        for (int p = tiling.rows().start(i0); p < tiling.rows().start(i1); p++) {
            ChannelsLast.zero(y.segment(), to + p * pixel + from, width);
        }
    }

    /// The last panel of tiles `i0 … i1 − 1`, as far as there are outputs.
    private void copyBack(int i0, int i1, int j, long from, long to) {
        Tiling tiling = product.tiling();
        long row = (long) tiling.columns().size(j) * BYTES;
        long start = (long) tiling.columns().start(j) * BYTES;
        long pixel = 4L * ImageLayout.pixel(y);
        int p0 = tiling.rows().start(i0);
        for (int p = p0; p < tiling.rows().start(i1); p++) {
            MemorySegment.copy(
                    scratch, from + (p - p0) * row, y.segment(), to + p * pixel + start, 4L * shape.oc() - start);
        }
    }

    private void finish(Tile tile, int i0, int i1, int j, long to) {
        Tiling tiling = product.tiling();
        boolean tail = isBeside && j == tiling.columns().count() - 1;
        MicroKernel pass = passes[tail ? 1 : 0];
        if (pass == null) {
            return;
        }
        int row = tiling.rows().start(i0);
        int from = tiling.columns().start(j) * VL;
        tile.rows = tiling.rows().start(i1) - row;
        tile.vectors = tiling.columns().size(j);
        tile.tail = tail ? shape.oc() % VL : VL;
        tile.cOff = to + row * tile.cRow + 4L * from;
        finish.extras().place(tile, first / images, row, from);
        pass.run(tile);
    }
}
