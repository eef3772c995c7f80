package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Maths: a convolution of one filter per channel and a 1×1 of its results, with or without another 1×1 before them.
/// Layout: channels last; what lies between is in the worker's scratch memory, a band of rows of it.
/// Blocking: bands of rows of results, few enough for what they need to stay in the second-level cache. A chunk is some
/// bands of an image, one after the other: the rows of the first results that two of them need move up, at the seams of
/// chunks they are computed twice. The links are those of single convolutions, so the bits are theirs.
/// Registers: see [DepthwiseRows] and [PixelSums]. Evidence: docs/kernels-conv.md.
final class PixelChain implements Call, Task {
    private static final long BAND_BYTES = 64 << 10;
    /// Fewer pixels do not repay reading the weights.
    private static final int LEAST_PIXELS = 48;

    private final Threads threads;
    private final View x;
    private final View y;
    private final PixelShape shape;
    private final DepthwiseRows depthwise;
    private final PixelFinish finish;
    private final Split bands;
    private final Split spans;
    /// Rows of the first results that two bands have in common.
    private final int common;
    private final Stage tall;
    private final Stage low;
    private final FloatBuffer images;
    private final long bandBytes;
    private final long middleBytes;
    private final long workerBytes;
    private MemorySegment scratch = MemorySegment.NULL;
    private FloatBuffer elements = FloatBuffer.allocate(0);

    /// Sums of a number of pixels with the arguments of each worker.
    private record Sums(PixelSums sums, Tile[] tiles) {
        void run(int worker, FloatBuffer a, int base, long to, int matrix) {
            Tile tile = tiles[worker];
            tile.a32 = a;
            sums.run(
                    tile, base, 0, sums.tiling().rows().count(), 0, sums.tiling().columns().count(), to, matrix);
        }
    }

    /// What a band is made of.
    ///
    /// @param reach rows of the image that its taps reach
    /// @param whole the first results of all these rows
    /// @param next those of the rows that the band before did not have
    /// @param last the results
    private record Stage(int reach, @Nullable Sums whole, @Nullable Sums next, Sums last) {}

    /// The links as [dev.gatun.kernels.ConvKernels#chain] allows them; at least [PixelTaps#LEAST] channels between.
    PixelChain(Machine machine, View x, List<ConvLink> links, View y) {
        threads = machine.threads();
        this.x = x;
        this.y = y;
        ConvLink last = links.getLast();
        ConvLink middle = links.get(links.size() - 2);
        ConvLink first = links.size() == 3 ? links.getFirst() : null;
        int c = middle.w().oc();
        int[] dims = middle.result(x.dim(0), c, x.dim(2), x.dim(3));
        shape = new PixelShape(
                middle.spec(), x.dim(0), c, x.dim(2), x.dim(3), true, first == null ? ImageLayout.pixel(x) : c, c,
                dims[2], dims[3], middle.w().kh(), middle.w().kw());
        depthwise = new DepthwiseRows(
                machine, shape, middle.w().memory(), middle.epilogue().expr(),
                PixelFinish.perChannel(middle.epilogue()));
        finish = PixelFinish.single(last.epilogue(), y);
        common = Math.max(0, shape.reach(1) - shape.spec().strideH());
        bands = new Split(shape.oh(), rows(machine, first != null));
        int count = threads.count();
        int wanted = count == 1 ? 1 : Math.ceilDiv(4 * count, shape.n());
        spans = new Split(bands.count(), Math.ceilDiv(bands.count(), wanted));
        Extras extras = finish.cut(bands, shape.ow());
        tall = stage(machine, first, last, extras, bands.largest());
        low = bands.size(bands.count() - 1) == bands.largest()
                ? tall
                : stage(machine, first, last, extras, bands.largest() - 1);
        bandBytes = first == null ? 0 : round(4L * tall.reach * shape.w() * c);
        middleBytes = round(4L * bands.largest() * shape.ow() * c);
        workerBytes = bandBytes + middleBytes;
        long extent = 4L * x.dim(0) * x.stride(0);
        if (extent >= Integer.MAX_VALUE || workerBytes * threads.count() >= Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "convChain: images must be less than 2 GiB: " + x + "; run the links one by one");
        }
        images = first == null
                ? FloatBuffer.allocate(0)
                : PixelSums.elements(x);
    }

    private static long round(long bytes) {
        return bytes + 63 & ~63L;
    }

    /// Rows of results of a band.
    private int rows(Machine machine, boolean expands) {
        long row = 4L * shape.c() * (shape.ow() + (expands ? (long) shape.w() * shape.spec().strideH() : 0));
        long fit = (expands ? machine.cache() / 4 : BAND_BYTES) / row;
        int least = Math.ceilDiv(LEAST_PIXELS, shape.ow());
        int count = threads.count();
        long share = Math.ceilDiv((long) shape.n() * shape.oh(), count == 1 ? 1 : 4L * count);
        return Math.clamp(Math.min(fit, share), Math.min(least, shape.oh()), shape.oh());
    }

    private Stage stage(Machine machine, @Nullable ConvLink first, ConvLink last, Extras extras, int rows) {
        int reach = Math.min(shape.h(), shape.reach(rows));
        Sums whole = first == null ? null : first(machine, first, reach);
        Sums next =
                first == null || reach <= common ? null : common == 0 ? whole : first(machine, first, reach - common);
        Sums project = sums(machine, last, rows * shape.ow(), extras, shape.c());
        for (Tile tile : project.tiles) {
            tile.c = y.segment();
            tile.cRow = 4L * ImageLayout.pixel(y);
        }
        return new Stage(reach, whole, next, project);
    }

    private Sums first(Machine machine, ConvLink link, int rows) {
        Sums sums = sums(
                machine, link, rows * shape.w(), PixelFinish.perChannel(link.epilogue()), ImageLayout.pixel(x));
        for (Tile tile : sums.tiles) {
            tile.cRow = 4L * shape.c();
        }
        return sums;
    }

    private Sums sums(Machine machine, ConvLink link, int pixels, Extras extras, int pixel) {
        PixelSums sums = new PixelSums(
                machine, pixels, link.w().oc(), steps(link.w().c(), 1), link.w().memory(), link.epilogue().expr(),
                extras);
        int[] rowAt = PixelSums.withSpare(steps(pixels, pixel));
        Tile[] tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = sums.tile(rowAt);
        }
        return new Sums(sums, tiles);
    }

    private static int[] steps(int count, int step) {
        int[] at = new int[count];
        for (int i = 0; i < count; i++) {
            at[i] = i * step;
        }
        return at;
    }

    @Override
    public long scratchBytes() {
        return workerBytes * threads.count();
    }

    @Override
    public void run(MemorySegment memory) {
        finish.prepare();
        if (!memory.equals(scratch)) {
            // Made once for all runs with the same memory.
            elements = memory.asSlice(0, scratchBytes()).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
        }
        scratch = memory;
        threads.run(this, shape.n() * spans.count());
    }

    @Override
    public void run(int chunk, int worker) {
        int image = chunk / spans.count();
        int span = chunk % spans.count();
        // The rows of the first results that are in the band's memory.
        int row = 0;
        int end = 0;
        for (int band = spans.start(span); band < spans.start(span + 1); band++) {
            Stage stage = bands.size(band) == bands.largest() ? tall : low;
            if (stage.whole != null) {
                int top = bands.start(band) * shape.spec().strideH() - shape.spec().padTop();
                int from = Math.clamp(top, 0, shape.h() - stage.reach);
                first(stage, image, from, row, end, worker);
                row = from;
                end = from + stage.reach;
            }
            results(stage, image, band, row, worker);
        }
    }

    /// The first results of the rows from `from` on, where rows `row … end − 1` are now.
    private void first(Stage stage, int image, int from, int row, int end, int worker) {
        long room = worker * workerBytes;
        long line = 4L * shape.w() * shape.c();
        boolean again = stage.next != null && row <= from && end - from >= common;
        Sums sums = Objects.requireNonNull(again ? stage.next : stage.whole);
        int kept = again ? common : 0;
        if (kept > 0 && row < from) {
            MemorySegment.copy(scratch, room + (from - row) * line, scratch, room, kept * line);
        }
        sums.tiles[worker].c = scratch;
        sums.run(
                worker, images, image * x.stride(0) + (from + kept) * shape.w() * ImageLayout.pixel(x),
                room + kept * line, 0);
    }

    private void results(Stage stage, int image, int band, int row, int worker) {
        int i0 = bands.start(band);
        int i1 = bands.start(band + 1);
        long room = worker * workerBytes;
        long middle = room + bandBytes;
        long pixel = 4L * shape.c();
        boolean inBand = stage.whole != null;
        depthwise.run(
                inBand ? scratch : x.segment(),
                inBand ? room - row * shape.w() * pixel : x.offset() + 4L * image * x.stride(0), i0, i1, scratch,
                middle, pixel, 0, 0, worker);
        long to = y.offset() + 4L * image * y.stride(0) + 4L * i0 * shape.ow() * ImageLayout.pixel(y);
        stage.last.run(
                worker, elements, (int) (middle / 4), to, image * bands.count() + band);
    }
}
