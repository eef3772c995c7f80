package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.DType;
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

/// Maths: `out[b][m, pixel] = epilogue(Σ_p a[b][m, p] · B[b][p, pixel])` for each pair b of image and group, B the
/// [ImagePanels] of a [Correlation].
/// Layout: A rows any stride apart (weights as they are), out rows of pixels, B in the worker's scratch memory.
/// Blocking: a chunk is a few items, an item a block of panels of one b with all its rows, or a part of the rows where
/// there are too few items for the threads; a block of the sum is staged, packed and multiplied at once. Sums are cut
/// by k alone, so neither threads nor batch change a bit.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class ConvProduct implements Product, Task {
    private static final int PANELS = 8;
    private static final long CHUNK_WORK = 1 << 18;

    private final Threads threads;
    private final TileProduct product;
    private final Tiling tiling;
    private final ImagePanels panels;
    private final Operand source;
    private final Operand a;
    private final Operand out;
    private final Extras extras;
    private final Placement placement;
    private final boolean inPlace;
    private final int pixels;
    private final Split depth;
    private final int blocks;
    private final Split groups;
    private final Split heights;
    private final int items;
    private final int itemsPerChunk;
    private final long imageBytes;
    private final long panelBytes;
    private final long workerBytes;
    private final Tile[] tiles;

    private MemorySegment scratch = MemorySegment.NULL;
    private long scratchAt;
    private MemorySegment weights = MemorySegment.NULL;
    private Elements elements = new Elements(FloatBuffer.allocate(0), 0);
    private MemorySegment result = MemorySegment.NULL;

    /// @param source starts per b, `row` from one channel to the next
    /// @param a starts per b in the weights that [#run] is given, rows of k numbers
    /// @param out starts per b in the result that [#run] is given, rows of pixels, those of a row where `placement` says
    ConvProduct(
            Threads threads, TileProduct product, Split depth, Correlation shape, Operand source, Operand a,
            Operand out,
            Extras extras, Placement placement) {
        this.placement = placement;
        this.threads = threads;
        this.product = product;
        this.tiling = product.tiling();
        this.source = source;
        this.a = a;
        this.out = out;
        this.extras = extras;
        this.depth = depth;
        blocks = Math.max(1, depth.count());
        int batch = out.batch();
        int count = tiling.columns().count();
        int rows = tiling.rows().count();
        // Four chunks per worker, where there is that much work.
        long work = (long) tiling.m() * tiling.n() * Math.max(1, shape.k());
        long wanted = threads.count() == 1 ? 1 : Math.clamp(work * batch / CHUNK_WORK, 1, 4L * threads.count());
        int blocksWanted = (int) Math.min(count, Math.ceilDiv(wanted, Math.max(1, batch)));
        groups = new Split(count, Math.clamp(Math.ceilDiv(count, Math.max(1, blocksWanted)), 1, PANELS));
        long missing = Math.ceilDiv(wanted, Math.max(1L, (long) batch * groups.count()));
        heights = new Split(rows, Math.clamp(Math.ceilDiv(rows, missing), 1, Math.max(1, rows)));
        items = Math.multiplyExact(Math.multiplyExact(batch, groups.count()), heights.count());
        long itemWork = Math.max(1, work / Math.max(1, groups.count() * heights.count()));
        long least = Math.ceilDiv(items, Threads.MAX_CHUNKS);
        itemsPerChunk = (int) Math.max(
                least, Math.clamp(CHUNK_WORK / itemWork, 1, Math.max(1, items / Math.max(1, wanted))));
        panels = new ImagePanels(
                shape, source.row(), tiling, depth, groups.largest() * tiling.columns().largest() * VL,
                shape.isDense());
        imageBytes = panels.scratchBytes();
        panelBytes = (long) groups.largest() * Math.max(1, tiling.columns().largest()) * BYTES * depth.largest();
        inPlace = placement.isSame();
        pixels = shape.pixels();
        long tileBytes = inPlace
                ? 0
                : (long) tiling.m() * groups.largest() * Math.max(1, tiling.columns().largest()) * BYTES;
        workerBytes = imageBytes + panelBytes + tileBytes;
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
            extras.attach(tiles[i]);
        }
    }

    @Override
    public long scratchBytes() {
        return workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory, long at, MemorySegment a, MemorySegment out) {
        scratch = memory;
        scratchAt = at;
        if (!a.equals(weights)) {
            // Once for all runs with the same memory.
            weights = a;
            elements = Elements.of(
                    new Operand(a, this.a.starts(), this.a.row(), 4), tiling.m(), depth.total(), DType.F32);
        }
        result = out;
        threads.run(this, Math.ceilDiv(items, itemsPerChunk));
    }

    @Override
    public void run(int chunk, int worker) {
        int end = Math.min(items, (chunk + 1) * itemsPerChunk);
        for (int item = chunk * itemsPerChunk; item < end; item++) {
            int height = item % heights.count();
            int rest = item / heights.count();
            item(rest / groups.count(), rest % groups.count(), height, worker);
        }
    }

    private void item(int b, int group, int height, int worker) {
        Tile tile = tiles[worker];
        long room = scratchAt + worker * workerBytes;
        long packed = room + imageBytes;
        int j0 = groups.start(group);
        int j1 = groups.start(group + 1);
        tile.a(elements.buffer());
        tile.aRow = (int) (a.row() / 4);
        tile.b = scratch;
        int q0 = tiling.columns().start(j0) * VL;
        long cBase = out.starts()[b];
        tile.c = result;
        tile.cRow = out.row();
        long local = packed + panelBytes;
        if (!inPlace) {
            tile.c = scratch;
            tile.cRow = (long) groups.largest() * tiling.columns().largest() * BYTES;
            cBase = local - 4L * q0;
        }
        int m0 = tiling.rows().start(heights.start(height));
        int m1 = tiling.rows().start(heights.start(height + 1));
        int q1 = Math.min(pixels, tiling.columns().start(j1) * VL);
        for (int d = 0; d < blocks; d++) {
            int p0 = depth.count() == 0 ? 0 : depth.start(d);
            int p1 = depth.count() == 0 ? 0 : depth.start(d + 1);
            int k = p1 - p0;
            panels.pack(source.segment(), source.starts()[b], p0, p1, j0, j1, scratch, room, scratch, packed);
            tile.k = k;
            product.run(tile, Part.of(d, blocks), heights.start(height), heights.start(height + 1), j0, j1,
                    elements.start(a, b, DType.F32) + p0, packed - 4L * q0 * k, k, 0, cBase, extras, b);
        }
        if (!inPlace) {
            for (int m = m0; m < m1; m++) {
                placement.scatter(scratch, local + m * tile.cRow, q0, q1, result, out.starts()[b] + m * out.row());
            }
        }
    }
}
