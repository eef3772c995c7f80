package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.ExprLowering;
import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.StencilShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Maths: `out[m, i, j] = epilogue(Σ_(u, v) a[m, (u, v)] · source[i·sh + y(u), j·sw + x(v)])`: a [Correlation] with one
/// channel whose taps form a grid, that is depthwise convolutions and the phases of their data gradients.
/// Layout: [PlaneRows] in the worker's scratch memory; results in place, those narrower than a vector or further apart
/// by way of scratch memory.
/// Blocking: a block of rows of one plane fits in the first-level cache; tiles of a few rows by one vector go down it.
/// What is left over at the right and at the bottom is an overlapping tile: the same numbers
/// are computed twice, nothing is masked.
/// Registers: see the stencil kernel. Evidence: docs/kernels-conv.md.
final class DepthwiseProduct implements Product, Task {
    /// Results per plane that are still cheaper here than by tiles of a matrix product.
    static final int MOST = 4;
    /// Rows of the largest filter.
    static final int TALLEST = 16;

    /// Vectors of a row from which on tiles go along it, as memory lies; below, down, so that they are many.
    private static final int WIDE = 5;
    private static final int BLOCK_BYTES = 24 << 10;
    private static final long CHUNK_WORK = 1 << 17;

    private final Threads threads;
    private final int m;
    private final Operand source;
    private final Operand a;
    private final Operand out;
    private final Placement placement;
    private final PlaneRows plane;
    private final MicroKernel kernel;
    private final List<Operand> scalars;
    private final @Nullable PlaneFinish finish;
    private final int tall;
    private final int sh;
    private final int down;
    private final long rowBytes;
    private final int cols;
    private final int rows;
    private final boolean inPlace;
    private final Split blocks;
    private final int strips;
    private final int pieces;
    private final int blocksPerItem;
    private final int items;
    private final int itemsPerChunk;
    private final long stagedBytes;
    private final long spillRow;
    private final long workerBytes;
    private final Tile[] tiles;
    private final Tile[] finishTiles;
    /// Per worker the part of a plane whose zeros are in its scratch memory.
    private final int[] zeroed;

    private MemorySegment scratch = MemorySegment.NULL;
    private long scratchAt;
    private MemorySegment weights = MemorySegment.NULL;
    private MemorySegment result = MemorySegment.NULL;

    DepthwiseProduct(
            Machine machine, PlaneRows plane, int m, Correlation shape, Operand source, Operand a, Operand out,
            Expr epilogue, List<Operand> extras, Placement placement) {
        threads = machine.threads();
        this.plane = plane;
        this.m = m;
        this.source = source;
        this.a = a;
        this.out = out;
        this.placement = placement;
        rows = shape.rows();
        cols = shape.cols();
        sh = shape.sh();
        down = plane.grid().down();
        rowBytes = plane.grid().rowBytes();
        boolean fused = ExprLowering.isCheap(epilogue) && extras.stream().allMatch(e -> e.column() == 0);
        scalars = fused ? extras : List.of();
        StencilShape stencil = StencilShape.of(
                machine.type(), plane.grid(), fused ? epilogue : Expr.input(0), scalars.size());
        kernel = machine.compiled().stencil(stencil);
        tall = stencil.rows();
        finish = fused ? null : new PlaneFinish(machine, m, shape.pixels(), out, epilogue, extras);
        inPlace = placement.isSame() && cols >= VL;
        int unit = tall * down;
        long most = BLOCK_BYTES / ((long) plane.touched() * sh * unit);
        blocks = new Split(Math.ceilDiv(rows, unit), (int) Math.max(1, most));
        int largest = Math.min(rows, blocks.largest() * unit);
        strips = plane.strips().count();
        pieces = blocks.count() * strips;
        blocksPerItem = finish == null ? 1 : pieces;
        items = Math.multiplyExact(out.batch(), pieces / blocksPerItem);
        long work = Math.max(1, (long) m * largest * cols / strips * shape.k() * blocksPerItem);
        itemsPerChunk = Math.max(
                Math.ceilDiv(items, Threads.MAX_CHUNKS), Math.clamp(CHUNK_WORK / work, 1, Math.max(1, items)));
        // A tile may be taller than what is left of the rows.
        stagedBytes = plane.bytes(largest + unit);
        spillRow = 4L * plane.strips().largest() * VL;
        workerBytes = stagedBytes + Math.max(tall, largest) * spillRow;
        tiles = new Tile[threads.count()];
        finishTiles = new Tile[tiles.length];
        zeroed = new int[tiles.length];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = tile();
            finishTiles[i] = new Tile();
            if (finish != null) {
                finish.attach(finishTiles[i]);
            }
        }
    }

    private Tile tile() {
        Tile tile = new Tile();
        tile.extra = scalars.stream().map(Operand::segment).toArray(MemorySegment[]::new);
        tile.extraOff = new long[scalars.size()];
        return tile;
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
        Arrays.fill(zeroed, -1);
        threads.run(this, Math.ceilDiv(items, itemsPerChunk));
    }

    @Override
    public void run(int chunk, int worker) {
        int end = Math.min(items, (chunk + 1) * itemsPerChunk);
        for (int item = chunk * itemsPerChunk; item < end; item++) {
            for (int i = item * blocksPerItem; i < (item + 1) * blocksPerItem; i++) {
                block(i / pieces, i % pieces / strips, i % strips, worker);
            }
            if (finish != null) {
                finish.run(finishTiles[worker], item, result);
            }
        }
    }

    private void block(int b, int block, int strip, int worker) {
        int i0 = blocks.start(block) * tall * down;
        int i1 = Math.min(rows, blocks.start(block + 1) * tall * down);
        long room = scratchAt + worker * workerBytes;
        int part = block * strips + strip;
        long staged = plane.stage(
                source.segment(), source.starts()[b], i0, i1, strip, zeroed[worker] != part, scratch, room);
        zeroed[worker] = part;
        Tile tile = tiles[worker];
        tile.b = scratch;
        tile.weights = weights;
        for (int i = 0; i < m; i++) {
            tile.weightsOff = a.starts()[b] + i * a.row();
            for (int e = 0; e < tile.extraOff.length; e++) {
                Operand extra = scalars.get(e);
                tile.extraOff[e] = extra.starts()[b] + i * extra.row();
            }
            long to = out.starts()[b] + i * out.row();
            // Rows as far apart as those of the filter share rows of the plane.
            for (int f = 0; f < Math.min(down, i1 - i0); f++) {
                filter(tile, staged, room + stagedBytes, i0 + f, Math.ceilDiv(i1 - i0 - f, down), f, strip, to);
            }
        }
    }

    /// Every `down`-th row of a block, `count` in all, from row `i` on.
    private void filter(Tile tile, long staged, long spill, int i, int count, int f, int strip, long to) {
        long from = staged + f * rowBytes;
        int j0 = plane.column(strip);
        int width = plane.column(strip + 1) - j0;
        if (inPlace && count >= tall) {
            tile.c = result;
            tile.cRow = 4L * cols * down;
            tiles(tile, from, to + 4L * (i * cols + j0), count, width, width - VL);
            return;
        }
        tile.c = scratch;
        tile.cRow = spillRow;
        tiles(tile, from, spill, count, width, width);
        if (placement.isSame()) {
            RowCopies.rows(scratch, spill, spillRow, width, result, to + 4L * (i * cols + j0), 4L * cols * down, count);
            return;
        }
        for (int r = 0; r < count; r++) {
            int q = (i + r * down) * cols + j0;
            placement.scatter(scratch, spill + r * spillRow, q, q + width, result, to);
        }
    }

    /// `last` is the column that the last vector of a row begins at, at most.
    private void tiles(Tile tile, long from, long to, int count, int width, int last) {
        long bRows = tall * sh * down * rowBytes;
        int vectors = Math.ceilDiv(width, VL);
        if (vectors >= WIDE) {
            tile.bStep = BYTES;
            tile.cStep = BYTES;
            int whole = Math.min(vectors, last / VL + 1);
            for (int i = 0; i < count; i += tall) {
                int row = Math.min(i, Math.max(0, count - tall));
                long b = from + row * sh * down * rowBytes;
                long c = to + row * tile.cRow;
                stencil(tile, b, c, whole);
                if (whole < vectors) {
                    stencil(tile, b + 4L * last, c + 4L * last, 1);
                }
            }
            return;
        }
        tile.bStep = bRows;
        tile.cStep = tall * tile.cRow;
        int whole = Math.max(1, count / tall);
        for (int j = 0; j < vectors; j++) {
            long column = 4L * Math.min(j * VL, last);
            stencil(tile, from + column, to + column, whole);
            if (whole * tall < count) {
                int i = count - tall;
                stencil(tile, from + column + i * sh * down * rowBytes, to + column + i * tile.cRow, 1);
            }
        }
    }

    private void stencil(Tile tile, long from, long to, int steps) {
        tile.bOff = from;
        tile.cOff = to;
        tile.steps = steps;
        kernel.run(tile);
    }
}
