package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Maths: a [Correlation] with one or two results per group: depthwise convolutions and their data gradients.
/// Layout: the rows a block needs are staged with padding; results row by row in place.
/// Blocking: a block of rows of one channel, small enough for the first-level cache; with an epilogue, which is applied
/// to whole planes, an item is all blocks of a plane. One row alone (1-D) is cut into
/// four overlapping pieces; what two of them compute is the same.
/// Registers: see [RowKernels]. Evidence: docs/kernels-conv.md.
final class RowProduct implements Product, Task {
    /// Longest sum worth doing this way.
    static final int LONGEST = 256;

    private static final int BLOCK = 6144;
    private static final long CHUNK_WORK = 1 << 17;

    private final Threads threads;
    private final int m;
    private final int k;
    private final Operand source;
    private final Operand a;
    private final Operand out;
    private final Placement placement;
    private final ImagePanels panels;
    private final int cols;
    private final boolean oneRow;
    private final long rowStep;
    private final Split blocks;
    private final int blocksPerItem;
    private final int items;
    private final int itemsPerChunk;
    private final @Nullable PlaneFinish finish;
    private final long imageBytes;
    private final long workerBytes;
    private final Tile[] tiles;

    private MemorySegment scratch = MemorySegment.NULL;
    private long scratchAt;
    private MemorySegment weights = MemorySegment.NULL;
    private MemorySegment result = MemorySegment.NULL;

    RowProduct(
            Machine machine, int m, Correlation shape, Operand source, Operand a, Operand out, Expr epilogue,
            List<Operand> extras, Placement placement) {
        threads = machine.threads();
        this.m = m;
        this.source = source;
        this.a = a;
        this.out = out;
        this.placement = placement;
        k = shape.k();
        int pixels = shape.pixels();
        // One row is walked as if it were several.
        cols = shape.cols();
        int most = Math.max(1, BLOCK / Math.max(1, shape.channels() * Math.min(BLOCK, shape.w() * shape.sh())));
        blocks = shape.rows() == 1 ? new Split(pixels, BLOCK) : new Split(shape.rows(), Math.max(4, most & ~3));
        int largest = shape.rows() == 1 ? blocks.largest() : blocks.largest() * cols;
        oneRow = shape.rows() == 1;
        Tiling tiling = Tiling.of(machine.type(), 1, pixels);
        panels = new ImagePanels(shape, source.row(), tiling, new Split(k, k), largest, false);
        rowStep = 4L * (panels.pixel(cols, 0) - panels.pixel(0, 0));
        finish = epilogue.equals(Expr.input(0)) ? null
                : new PlaneFinish(machine, m, pixels, out, epilogue, extras);
        blocksPerItem = finish == null ? 1 : Math.max(1, blocks.count());
        items = Math.multiplyExact(out.batch(), blocks.count() / blocksPerItem);
        long work = Math.max(1, (long) m * largest * k * blocksPerItem);
        itemsPerChunk = Math.max(
                Math.ceilDiv(items, Threads.MAX_CHUNKS), Math.clamp(CHUNK_WORK / work, 1, Math.max(1, items)));
        imageBytes = panels.scratchBytes();
        workerBytes = imageBytes + (placement.isSame() ? 0 : (4L * largest + 63 & ~63L) + BYTES);
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
            if (finish != null) {
                finish.attach(tiles[i]);
            }
        }
    }

    @Override
    public long scratchBytes() {
        return workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory, long at, MemorySegment filters, MemorySegment to) {
        scratch = memory;
        scratchAt = at;
        weights = filters;
        result = to;
        threads.run(this, Math.ceilDiv(items, itemsPerChunk));
    }

    @Override
    public void run(int chunk, int worker) {
        int end = Math.min(items, (chunk + 1) * itemsPerChunk);
        for (int item = chunk * itemsPerChunk; item < end; item++) {
            for (int i = item * blocksPerItem; i < (item + 1) * blocksPerItem; i++) {
                block(i / blocks.count(), i % blocks.count(), worker);
            }
            if (finish != null) {
                finish.run(tiles[worker], item, result);
            }
        }
    }

    private void block(int b, int block, int worker) {
        long room = scratchAt + worker * workerBytes;
        int unit = oneRow ? 1 : cols;
        int q0 = blocks.start(block) * unit;
        int q1 = blocks.start(block + 1) * unit;
        long base = panels.stage(source.segment(), source.starts()[b], 0, k, q0, q1, scratch, room);
        for (int i = 0; i < m; i++) {
            long filter = a.starts()[b] + i * a.row();
            long plane = out.starts()[b] + i * out.row();
            if (placement.isSame()) {
                rows(base, q0, q1, filter, result, plane + 4L * q0);
            } else {
                rows(base, q0, q1, filter, scratch, room + imageBytes);
                placement.scatter(scratch, room + imageBytes, q0, q1, result, plane);
            }
        }
    }

    private void rows(long base, int q0, int q1, long filter, MemorySegment to, long at) {
        int[] offsets = panels.offsets();
        if (offsets.length == 9) {
            int rows = oneRow ? 1 : (q1 - q0) / cols;
            RowKernels.nine(scratch, offsets, base, rowStep, weights, filter, to, at, 4L * cols, rows,
                    oneRow ? q1 - q0 : cols);
            return;
        }
        if (oneRow) {
            int width = q1 - q0;
            int piece = Math.min(width, Math.ceilDiv(Math.ceilDiv(width, 4), VL) * VL);
            long last = 4L * (width - piece);
            long one = Math.min(4L * piece, last);
            long two = Math.min(8L * piece, last);
            RowKernels.rows(scratch, offsets, base, base + one, base + two, base + last, weights, filter, to, at,
                    at + one, at + two, at + last, piece);
            return;
        }
        for (int q = q0; q < q1; q += 4 * cols) {
            int r1 = Math.min(q + cols, q1 - cols);
            int r2 = Math.min(q + 2 * cols, q1 - cols);
            int r3 = Math.min(q + 3 * cols, q1 - cols);
            RowKernels.rows(scratch, offsets, base + 4L * panels.pixel(q, q0), base + 4L * panels.pixel(r1, q0),
                    base + 4L * panels.pixel(r2, q0), base + 4L * panels.pixel(r3, q0), weights, filter, to,
                    at + 4L * (q - q0), at + 4L * (r1 - q0), at + 4L * (r2 - q0), at + 4L * (r3 - q0), cols);
        }
    }
}
