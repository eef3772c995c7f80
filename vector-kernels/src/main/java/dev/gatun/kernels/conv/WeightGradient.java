package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Elements;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Maths: `gw[o, (u, v, c)] = Σ over images and pixels gy[o, pixel] · B[pixel, (u, v, c)]`, B the rows of im2col.
/// Layout: gy as it is (its pixels are the sum); x staged with channels last, so that the numbers of one filter row are
/// side by side and B's rows are vector copies.
/// Blocking: a unit is a block of pixels of one image; runs of units make a part, whose sums stay in memory of its own;
/// the parts are added up in order at the end. The parts depend on the shapes alone; where they are too few for the
/// threads, rows of gw are spread too.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class WeightGradient implements Call {
    private static final int PARTS = 16;
    private static final int PIXELS = 256;
    private static final int BLOCK_BYTES = 512 << 10;
    private static final long PART_BYTES = 64L << 20;

    private final Threads threads;
    private final ConvSpec spec;
    private final View x;
    private final View gy;
    private final View gw;
    private final Operand image;
    private final Operand gradient;
    private final Elements[] elements;
    private final int groups;
    private final int channels;
    private final int oc;
    private final int kh;
    private final int kw;
    private final int columns;
    private final Split blocks;
    private final Split parts;
    private final Split heights;
    private final TileProduct product;
    private final Tiling tiling;
    private final boolean plain;
    private final int stagedColumns;
    private final long rowBytes;
    private final long sumRowBytes;
    private final long sumBytes;
    private final long stagedBytes;
    private final long bBytes;
    /// Where a worker turns rows and columns round, and behind it a block of rows.
    private final long turnAt;
    private final long workerBytes;
    private final Tile[] tiles;
    private final Task multiplying = this::multiply;
    private final Task adding = this::add;
    private MemorySegment scratch = MemorySegment.NULL;

    WeightGradient(Machine machine, ConvSpec spec, View x, View gy, View gw) {
        threads = machine.threads();
        this.spec = spec;
        this.x = x;
        this.gy = gy;
        this.gw = gw;
        groups = spec.groups();
        channels = gw.dim(1);
        oc = gw.dim(0) / groups;
        kh = gw.dim(2);
        kw = gw.dim(3);
        columns = channels * kh * kw;
        image = Finish.images(x, groups, 4);
        gradient = Finish.images(gy, groups, 4);
        int pixels = gy.dim(2) * gy.dim(3);
        // One buffer per image and group: all together they may pass the 2 GiB of a buffer.
        elements = Arrays.stream(gradient.starts())
                .mapToObj(start -> Elements.of(
                        Operand.of(gradient.segment(), start, gradient.row(), 4), oc, pixels, DType.F32))
                .toArray(Elements[]::new);
        int block = Math.clamp(BLOCK_BYTES / Math.max(1L, 4L * columns), 16, PIXELS);
        blocks = new Split(pixels, block);
        int units = x.dim(0) * blocks.count();
        rowBytes = Filter.rowBytes(columns);
        sumRowBytes = rowBytes;
        sumBytes = oc * sumRowBytes;
        long room = Math.max(1, PART_BYTES / Math.max(1, sumBytes * groups));
        int wanted = Math.clamp(Math.min(units / 4L, room), 1, PARTS);
        parts = new Split(units, Math.max(1, Math.ceilDiv(units, wanted)));
        // Whole vectors: the rows of B and of the sums have room for them, and kernels without a tail are fewer.
        tiling = Tiling.of(machine.type(), oc, Math.ceilDiv(columns, VL) * VL);
        product = new TileProduct(
                machine.compiled(), tiling, false, 0, 3, Epilogue.NONE.expr(), Extras.NONE);
        int rows = tiling.rows().count();
        int tall = Math.ceilDiv(threads.count(), Math.max(1, groups * parts.count()));
        heights = new Split(rows, Math.max(1, Math.ceilDiv(rows, tall)));
        plain = kh * kw == 1 && spec.strideH() == 1 && spec.strideW() == 1 && x.dim(2) == gy.dim(2)
                && x.dim(3) == gy.dim(3);
        boolean oneRow = gy.dim(2) == 1;
        int across = oneRow ? blocks.largest() : gy.dim(3);
        stagedColumns = (across - 1) * spec.strideW() + (kw - 1) * spec.dilationW() + 1;
        int down = Math.min(gy.dim(2), (blocks.largest() + gy.dim(3) - 2) / Math.max(1, gy.dim(3)) + 1);
        int stagedRows = (down - 1) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
        long staged = 4L * stagedColumns * stagedRows * channels;
        stagedBytes = roundUp(plain ? 4L * blocks.largest() * channels : staged) + ChannelsLast.SLACK;
        bBytes = roundUp(plain ? stagedBytes : blocks.largest() * rowBytes + ChannelsLast.SLACK);
        turnAt = (plain ? 0 : stagedBytes) + bBytes;
        workerBytes = roundUp(turnAt + Transposition.scratchBytes() + (long) VL * BYTES);
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
            Extras.NONE.attach(tiles[i]);
        }
    }

    private static long roundUp(long bytes) {
        return bytes + 63 & ~63L;
    }

    @Override
    public long scratchBytes() {
        // What is turned round reads a block of rows, some of which may lie behind the last.
        return sumBytes * groups * parts.count() + workerBytes * tiles.length + 4L * channels * VL;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(multiplying, groups * parts.count() * heights.count());
        threads.run(adding, gw.dim(0));
        scratch = MemorySegment.NULL;
    }

    private void multiply(int chunk, int worker) {
        int height = chunk % heights.count();
        int part = chunk / heights.count() % parts.count();
        int group = chunk / heights.count() / parts.count();
        Tile tile = tiles[worker];
        long staged = sumBytes * groups * parts.count() + worker * workerBytes;
        long b = plain ? staged : staged + stagedBytes;
        tile.aRow = (int) (gradient.row() / 4);
        tile.b = scratch;
        tile.bRow = plain ? 4L * channels : rowBytes;
        tile.c = scratch;
        tile.cRow = sumRowBytes;
        long sums = ((long) group * parts.count() + part) * sumBytes;
        for (int unit = parts.start(part); unit < parts.start(part + 1); unit++) {
            int n = unit / blocks.count();
            int q0 = blocks.start(unit % blocks.count());
            int q1 = blocks.start(unit % blocks.count() + 1);
            int from = n * groups + group;
            if (plain) {
                ChannelsLast.row(x.segment(), image.starts()[from] + 4L * q0, image.row(), channels, q1 - q0, scratch,
                        staged, staged + turnAt);
            } else {
                layOut(image.starts()[from], q0, q1, staged, b, staged + turnAt);
            }
            tile.k = q1 - q0;
            tile.a(elements[from].buffer());
            product.run(tile, unit == parts.start(part) ? Part.FIRST : Part.MIDDLE, heights.start(height),
                    heights.start(height + 1), 0, tiling.columns().count(), q0, b, 0, 0,
                    sums, Extras.NONE, 0);
        }
    }

    /// Stages what pixels `q0 … q1 − 1` need and lays out their rows of im2col.
    private void layOut(long from, int q0, int q1, long staged, long b, long room) {
        int ow = gy.dim(3);
        boolean oneRow = gy.dim(2) == 1;
        int i0 = q0 / ow;
        int i1 = (q1 - 1) / ow + 1;
        int top = i0 * spec.strideH() - spec.padTop();
        int rows = (i1 - 1 - i0) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
        int left = (oneRow ? q0 * spec.strideW() : 0) - spec.padLeft();
        int first = Math.clamp(-left, 0, stagedColumns);
        int last = Math.clamp(x.dim(3) - left, first, stagedColumns);
        long pixel = 4L * channels;
        long line = pixel * stagedColumns;
        boolean padded = first > 0 || last < stagedColumns || top < 0 || top + rows > x.dim(2);
        if (padded) {
            ChannelsLast.zero(scratch, staged, rows * line);
        }
        for (int r = 0; r < rows; r++) {
            int y = top + r;
            if (y >= 0 && y < x.dim(2) && first < last) {
                long source = from + 4L * ((long) y * x.dim(3) + left + first);
                ChannelsLast.row(x.segment(), source, image.row(), channels, last - first, scratch,
                        staged + r * line + first * pixel, room);
            }
        }
        for (int q = q0; q < q1;) {
            int j = oneRow ? 0 : q % ow;
            int count = oneRow ? q1 - q : Math.min(ow - j, q1 - q);
            long source = staged + (long) (q / ow - i0) * spec.strideH() * line + j * spec.strideW() * pixel;
            long to = b + (q - q0) * rowBytes;
            if (spec.dilationW() == 1) {
                ChannelsLast.gather(scratch, source, spec.strideW() * pixel, count, 0, 1, spec.dilationH() * line, kh,
                        kw * channels, to, rowBytes);
            } else {
                ChannelsLast.gather(scratch, source, spec.strideW() * pixel, count, spec.dilationH() * line, kh,
                        spec.dilationW() * pixel, kw, channels, to, rowBytes);
            }
            q += count;
        }
    }

    /// Adds up row `o` of all parts and stores it with its taps last.
    private void add(int o, int worker) {
        long first = (long) (o / oc) * parts.count() * sumBytes + o % oc * sumRowBytes;
        int count = parts.count();
        sum(scratch, first, sumBytes, count, columns);
        store(o, first, count == 0, sumBytes * groups * parts.count() + worker * workerBytes + turnAt);
    }

    /// Stores the sums `[tap][channel]` of output `o` as `[channel][tap]`.
    private void store(int o, long sums, boolean zero, long room) {
        int taps = kh * kw;
        long to = gw.offset() + 4L * o * gw.stride(0);
        long step = 4L * gw.stride(1);
        if (zero || channels < VL || taps > VL) {
            for (int c = 0; c < channels; c++) {
                for (int t = 0; t < taps; t++) {
                    float v = zero ? 0 : scratch.get(FLOAT, sums + 4L * (t * channels + c));
                    gw.segment().set(FLOAT, to + c * step + 4L * t, v);
                }
            }
            return;
        }
        if (taps == 1 && gw.stride(1) == 1) {
            MemorySegment.copy(scratch, sums, gw.segment(), to, 4L * channels);
            return;
        }
        long block = room + Transposition.scratchBytes();
        for (int i = 0; i < channels; i += VL) {
            int c = Math.min(i, channels - VL);
            Transposition.run(scratch, sums + 4L * c, 4L * channels, 0, scratch, block, BYTES, 0, 1, scratch, room);
            rows(scratch, block, gw.segment(), to + c * step, step, taps);
        }
    }

    /// A vector's length of rows of `taps` numbers.
    private static void rows(MemorySegment s, long from, MemorySegment to, long at, long step, int taps) {
        VectorMask<Float> mask = F.indexInRange(0, taps);
        for (int r = 0; r < VL; r++) {
            fromMemorySegment(F, s, from + (long) r * BYTES, ORDER).intoMemorySegment(to, at + r * step, ORDER, mask);
        }
    }

    /// Adds parts 1 … to part 0; rows are padded to whole vectors.
    private static void sum(MemorySegment s, long first, long step, int count, int columns) {
        for (int k = 0; k < columns; k += VL) {
            FloatVector v = fromMemorySegment(F, s, first + 4L * k, ORDER);
            for (int p = 1; p < count; p++) {
                v = v.add(fromMemorySegment(F, s, first + p * step + 4L * k, ORDER));
            }
            v.intoMemorySegment(s, first + 4L * k, ORDER);
        }
    }
}
