package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;

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
import java.nio.FloatBuffer;
import java.util.Arrays;

/// Maths: `gw[o, (u, v, c)] = Σ over images and pixels gy[o, pixel] · B[pixel, (u, v, c)]`, B the rows of im2col.
/// Layout: gy as it is (its pixels are the sum), rows of several images copied side by side; B the panels of [TapPanels].
/// Blocking: a unit is a block of pixels of one image, or several small images. What it needs of x is staged; then, panel
/// by panel, blocks of its pixels are laid out and multiplied, so that the sums of a panel stay in the second-level
/// cache. Runs of units make a part, whose sums stay in memory of its own; the parts are added up in order at the end.
/// Units and parts depend on the shapes alone; where they are too few for the threads, panels and rows are spread too.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class WeightGradient implements Call {
    private static final int PARTS = 16;
    /// Length of a block of a sum: beyond it a panel would not stay in the caches near the core.
    private static final int PIXELS = 256;
    /// Of x and gy that a unit brings into the second-level cache, beside the sums of a panel.
    private static final int UNIT_BYTES = 512 << 10;
    private static final long PART_BYTES = 64L << 20;

    private final Threads threads;
    private final View x;
    private final View gw;
    private final Operand image;
    private final Operand gradient;
    private final Elements[] elements;
    private final int groups;
    private final int oc;
    private final int pixels;
    /// The images, by units of several; else the pixels of each.
    private final Split merged;
    private final Split blocks;
    private final boolean isMerged;
    private final Split parts;
    private final Split widths;
    private final Split heights;
    private final TapPanels panels;
    private final WeightSums sums;
    private final TileProduct product;
    private final Tiling tiling;
    private final int largest;
    private final int copiedRow;
    private final long copiedBytes;
    private final long sumBytes;
    private final long stageAt;
    private final long panelAt;
    private final long roomAt;
    private final long workerBytes;
    private final Tile[] tiles;
    private final FloatBuffer[] copies;
    private final Task multiplying = this::multiply;
    private final Task adding = this::add;
    private MemorySegment scratch = MemorySegment.NULL;

    WeightGradient(Machine machine, ConvSpec spec, View x, View gy, View gw) {
        threads = machine.threads();
        this.x = x;
        this.gw = gw;
        groups = spec.groups();
        oc = gw.dim(0) / groups;
        int channels = gw.dim(1);
        int columns = channels * gw.dim(2) * gw.dim(3);
        image = Finish.images(x, groups, 4);
        gradient = Finish.images(gy, groups, 4);
        pixels = gy.dim(2) * gy.dim(3);
        // One buffer per image and group: all together they may pass the 2 GiB of a buffer.
        elements = Arrays.stream(gradient.starts())
                .mapToObj(start -> Elements.of(
                        Operand.of(gradient.segment(), start, gradient.row(), 4), oc, pixels, DType.F32))
                .toArray(Elements[]::new);
        long perPixel = 4L * Math.max(1, oc + channels * spec.strideH() * spec.strideW());
        int unit = (int) Math.max(PIXELS, UNIT_BYTES / perPixel);
        merged = new Split(x.dim(0), Math.max(1, unit / Math.max(1, pixels)));
        blocks = new Split(pixels, unit);
        isMerged = merged.largest() > 1;
        int units = merged.count() * blocks.count();
        largest = isMerged ? merged.largest() * pixels : blocks.largest();
        // Whole vectors: the rows of B and of the sums have room for them, and kernels without a tail are fewer.
        tiling = Tiling.of(machine.type(), oc, Math.ceilDiv(columns, VL) * VL);
        product = new TileProduct(
                machine.compiled(), tiling, TileProduct.Right.ROWS, 0, TileProduct.Cut.APART, Epilogue.NONE.expr(),
                Extras.NONE);
        panels = new TapPanels(spec, x, gy, gw, tiling.columns(), merged.largest(), blocks.largest());
        long bytes = 4L * oc * tiling.columns().total() * VL;
        long room = Math.max(1, PART_BYTES / Math.max(1, bytes * groups));
        int wanted = Math.clamp(Math.min(units * (long) Math.ceilDiv(largest, PIXELS) / 4, room), 1, PARTS);
        parts = new Split(units, Math.max(1, Math.ceilDiv(units, wanted)));
        sums = new WeightSums(gw, tiling.columns(), oc, parts.count());
        sumBytes = sums.partBytes() * parts.count() * groups;
        int spread = threads.count() == 1
                ? 1
                : Math.ceilDiv(2 * threads.count(), Math.max(1, groups * parts.count()));
        widths = cut(tiling.columns().count(), spread);
        heights = cut(tiling.rows().count(), Math.ceilDiv(spread, Math.max(1, widths.count())));
        copiedRow = (int) (Filter.rowBytes(largest) / 4);
        copiedBytes = isMerged ? 4L * copiedRow * oc + BYTES : 0;
        stageAt = roundUp(copiedBytes);
        panelAt = stageAt + roundUp(panels.stagedBytes());
        roomAt = panelAt + roundUp(panels.panelBytes(Math.min(PIXELS, largest)));
        workerBytes = roomAt + roundUp(Math.max(Transposition.scratchBytes(), sums.scratchBytes()));
        tiles = new Tile[threads.count()];
        copies = new FloatBuffer[tiles.length];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
            Extras.NONE.attach(tiles[i]);
            copies[i] = tiles[i].a32;
        }
    }

    private static Split cut(int total, int pieces) {
        return new Split(total, Math.max(1, Math.ceilDiv(total, Math.max(1, pieces))));
    }

    private static long roundUp(long bytes) {
        return bytes + 63 & ~63L;
    }

    @Override
    public long scratchBytes() {
        return roundUp(sumBytes) + workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        if (isMerged && !memory.equals(scratch)) {
            // Made once for all runs with the same memory.
            for (int i = 0; i < copies.length; i++) {
                copies[i] = memory.asSlice(room(i), copiedBytes).asByteBuffer().order(ORDER).asFloatBuffer();
            }
        }
        scratch = memory;
        threads.run(multiplying, groups * parts.count() * widths.count() * heights.count());
        threads.run(adding, gw.dim(0));
    }

    private long room(int worker) {
        return roundUp(sumBytes) + worker * workerBytes;
    }

    private void multiply(int chunk, int worker) {
        int height = chunk % heights.count();
        int rest = chunk / heights.count();
        int width = rest % widths.count();
        int part = rest / widths.count() % parts.count();
        int group = rest / widths.count() / parts.count();
        Tile tile = tiles[worker];
        tile.b = scratch;
        tile.c = scratch;
        tile.cRow = sums.rowBytes();
        long to = ((long) group * parts.count() + part) * sums.partBytes();
        for (int unit = parts.start(part); unit < parts.start(part + 1); unit++) {
            int n0 = merged.start(unit / blocks.count());
            int n1 = merged.start(unit / blocks.count() + 1);
            int q0 = blocks.start(unit % blocks.count());
            int q1 = blocks.start(unit % blocks.count() + 1);
            stage(n0, n1, q0, q1, group, worker);
            for (int j = widths.start(width); j < widths.start(width + 1); j++) {
                panel(n0, n1, q0, q1, group, j, height, unit == parts.start(part), to + j * sums.panelBytes(), worker);
            }
        }
    }

    private void stage(int n0, int n1, int q0, int q1, int group, int worker) {
        long room = room(worker);
        for (int n = n0; n < n1; n++) {
            int b = n * groups + group;
            panels.stage(
                    image.starts()[b], image.row(), q0, q1, n - n0, scratch, room + stageAt, room + roomAt);
            if (isMerged) {
                RowCopies.rows(
                        gradient.segment(), gradient.starts()[b], gradient.row(), pixels, scratch,
                        room + 4L * (n - n0) * pixels, 4L * copiedRow, oc);
            }
        }
    }

    /// Panel `j` of a unit, block after block of its pixels.
    private void panel(
            int n0, int n1, int q0, int q1, int group, int j, int height, boolean first, long to, int worker) {
        Tile tile = tiles[worker];
        long room = room(worker);
        long b = room + panelAt;
        int perImage = q1 - q0;
        int total = (n1 - n0) * perImage;
        int count = Math.ceilDiv(total, PIXELS);
        long rowBytes = (long) tiling.columns().size(j) * BYTES;
        // Where column 0 of the first panel would lie.
        long c = to - (long) tiling.columns().start(j) * BYTES;
        for (int block = 0; block < count; block++) {
            int k0 = (int) ((long) total * block / count);
            int k1 = (int) ((long) total * (block + 1) / count);
            for (int k = k0; k < k1;) {
                int n = k / perImage;
                int p = q0 + k - n * perImage;
                int length = Math.min(q1 - p, k1 - k);
                panels.panel(
                        j, image.starts()[(n0 + n) * groups + group], image.row(), q0, n, p, p + length, scratch,
                        room + stageAt, b + (k - k0) * rowBytes, room + roomAt);
                k += length;
            }
            tile.k = k1 - k0;
            tile.aRow = isMerged ? copiedRow : (int) (gradient.row() / 4);
            tile.a32 = copies[worker];
            if (!isMerged) {
                tile.a(elements[n0 * groups + group].buffer());
            }
            product.run(
                    tile, first && block == 0 ? Part.FIRST : Part.MIDDLE, heights.start(height),
                    heights.start(height + 1), j, j + 1, isMerged ? k0 : q0 + k0, b, 0, 0, c, Extras.NONE, 0);
        }
    }

    private void add(int o, int worker) {
        long first = (long) (o / oc) * parts.count() * sums.partBytes();
        sums.add(scratch, first, o % oc, o, room(worker) + roomAt);
    }
}
