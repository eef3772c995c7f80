package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.StencilSumsShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Maths: `gw[o, u, v] = Σ over images and pixels gy[o, i, j] · x[i·sh + y(u), j·sw + x(v)]`: depthwise filters whose taps
/// form a grid.
/// Layout: [PlaneRows] of x in the worker's scratch memory, gy as it is; a vector of sums per tap, whose lanes are folded
/// at the end.
/// Blocking: one group on one worker, image after image, blocks of rows that fit in the first-level cache; down each
/// column of vectors. The last column of a row has sums of its own, whose lanes behind the end of the row are dropped:
/// nothing is masked. The order of the sums depends on the shape alone.
/// Registers: see the kernel of the sums. Evidence: docs/kernels-conv.md.
final class DepthwiseWeights implements Call, Task {
    private static final int BLOCK_BYTES = 24 << 10;

    private final Threads threads;
    private final View gw;
    private final MemorySegment image;
    private final MemorySegment gradient;
    private final Operand source;
    private final Operand from;
    private final PlaneRows plane;
    private final MicroKernel kernel;
    private final MicroKernel single;
    private final int columns;
    private final int tall;
    private final int n;
    private final int groups;
    private final int m;
    private final int rows;
    private final int cols;
    private final int sh;
    private final int down;
    private final int taps;
    private final Split blocks;
    private final long sumsAt;
    private final long lastAt;
    private final long workerBytes;
    private final Tile[] tiles;
    /// Per worker the part of a plane whose zeros are in its scratch memory.
    private final int[] zeroed;
    private MemorySegment scratch = MemorySegment.NULL;

    /// Null where the taps form no grid, or a filter is too tall.
    static @Nullable DepthwiseWeights of(Machine machine, ConvSpec spec, View x, View gy, View gw) {
        Correlation shape = Correlation.forward(
                spec, gw.dim(1), x.dim(2), x.dim(3), gy.dim(2), gy.dim(3), gw.dim(2), gw.dim(3));
        PlaneRows plane = PlaneRows.of(shape);
        StencilSumsShape sums = plane == null ? null : StencilSumsShape.of(machine.type(), plane.grid());
        return plane == null || sums == null
                ? null
                : new DepthwiseWeights(machine, plane, sums, spec.groups(), x, gy, gw);
    }

    private DepthwiseWeights(
            Machine machine, PlaneRows plane, StencilSumsShape sums, int groups, View x, View gy, View gw) {
        threads = machine.threads();
        this.plane = plane;
        this.gw = gw;
        this.groups = groups;
        image = x.segment();
        gradient = gy.segment();
        source = Finish.images(x, groups, 4);
        from = Finish.images(gy, groups, 4);
        kernel = machine.compiled().stencilSums(sums);
        single = machine.compiled().stencilSums(sums.ofOneRow());
        columns = sums.columns();
        tall = sums.rows();
        n = x.dim(0);
        m = gw.dim(0) / groups;
        rows = gy.dim(2);
        cols = gy.dim(3);
        sh = plane.grid().stepDown();
        down = plane.grid().down();
        taps = gw.dim(2) * gw.dim(3);
        int unit = tall * down;
        long most = BLOCK_BYTES / ((long) plane.touched() * sh * unit);
        blocks = new Split(Math.ceilDiv(rows, unit), (int) Math.max(1, most));
        int largest = Math.min(rows, blocks.largest() * unit);
        long spillAt = plane.bytes(largest + unit);
        sumsAt = spillAt + (long) largest * BYTES;
        lastAt = sumsAt + (long) m * taps * BYTES;
        workerBytes = lastAt + (long) m * taps * BYTES;
        tiles = new Tile[threads.count()];
        Arrays.setAll(tiles, _ -> new Tile());
        zeroed = new int[tiles.length];
    }

    @Override
    public long scratchBytes() {
        return workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        Arrays.fill(zeroed, -1);
        threads.run(this, groups);
        scratch = MemorySegment.NULL;
    }

    @Override
    public void run(int group, int worker) {
        long room = worker * workerBytes;
        ChannelsLast.zero(scratch, room + sumsAt, workerBytes - sumsAt);
        Tile tile = tiles[worker];
        tile.b = scratch;
        tile.c = scratch;
        int strips = plane.strips().count();
        for (int image = 0; image < n; image++) {
            for (int part = 0; part < blocks.count() * strips; part++) {
                block(image * groups + group, part, worker);
            }
        }
        for (int o = 0; o < m; o++) {
            store(group * m + o, room + sumsAt + (long) o * taps * BYTES, room + lastAt + (long) o * taps * BYTES);
        }
    }

    private void block(int b, int part, int worker) {
        int strips = plane.strips().count();
        int strip = part % strips;
        int i0 = blocks.start(part / strips) * tall * down;
        int i1 = Math.min(rows, blocks.start(part / strips + 1) * tall * down);
        long room = worker * workerBytes;
        long staged =
                plane.stage(image, source.starts()[b], i0, i1, strip, zeroed[worker] != part, scratch, room);
        zeroed[worker] = part;
        int j0 = plane.column(strip);
        int width = plane.column(strip + 1) - j0;
        for (int o = 0; o < m; o++) {
            // Rows as far apart as those of the filter share rows of the plane.
            for (int f = 0; f < Math.min(down, i1 - i0); f++) {
                int count = Math.ceilDiv(i1 - i0 - f, down);
                long at = from.starts()[b] + o * from.row() + 4L * ((long) (i0 + f) * cols + j0);
                rows(tiles[worker], staged + f * (long) plane.grid().rowBytes(), at, count, width, o, room);
            }
        }
    }

    /// `count` rows of gy, `down` apart, from byte `at` on; `staged` is what the first tap of the first result reads.
    private void rows(Tile tile, long staged, long at, int count, int width, int o, long room) {
        long filter = (long) o * taps * BYTES;
        int j = 0;
        for (; j + VL <= width; j += VL) {
            tile.weights = gradient;
            tile.weightsRow = 4L * cols * down;
            column(tile, staged + 4L * j, at + 4L * j, count, room + sumsAt + filter);
        }
        if (j == width) {
            return;
        }
        long last = at + 4L * j + (count - 1L) * 4 * cols * down + BYTES;
        if (last <= gradient.byteSize()) {
            tile.weights = gradient;
            tile.weightsRow = 4L * cols * down;
            column(tile, staged + 4L * j, at + 4L * j, count, room + lastAt + filter);
            return;
        }
        // A vector would end behind the memory.
        long spill = room + sumsAt - (long) count * BYTES;
        RowCopies.rows(gradient, at + 4L * j, 4L * cols * down, width - j, scratch, spill, BYTES, count);
        tile.weights = scratch;
        tile.weightsRow = BYTES;
        column(tile, staged + 4L * j, spill, count, room + lastAt + filter);
    }

    /// One vector of each row, for all columns of the filter.
    private void column(Tile tile, long plane, long at, int count, long sums) {
        int width = gw.dim(3);
        int height = gw.dim(2);
        int whole = count / tall;
        long rowBytes = (long) sh * down * this.plane.grid().rowBytes();
        for (int v = 0; v < width; v += columns) {
            // Sums of single columns lie column by column.
            tile.cOff = sums + (long) v * height * BYTES;
            tile.bOff = plane + this.plane.grid().tapBytes(v);
            tile.weightsOff = at;
            tile.steps = whole;
            tile.bStep = tall * rowBytes;
            if (whole > 0) {
                kernel.run(tile);
            }
            if (whole * tall < count) {
                tile.bOff += whole * tall * rowBytes;
                tile.weightsOff += whole * tall * tile.weightsRow;
                tile.steps = count - whole * tall;
                tile.bStep = rowBytes;
                single.run(tile);
            }
        }
    }

    private void store(int o, long sums, long last) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        MemorySegment weights = OffHeap.of(gw.segment());
        join(scratch, sums, last, taps, cols % VL);
        int width = gw.dim(3);
        int height = gw.dim(2);
        long to = gw.offset() + 4L * o * gw.stride(0);
        for (int t = 0; t < taps; t++) {
            int at = columns == width ? t : t % width * height + t / width;
            weights.set(FLOAT, to + 4L * t, Lanes.sum(scratch, sums + (long) at * BYTES));
        }
    }

    /// Adds the first `lanes` lanes of the sums of last columns.
    private static void join(MemorySegment s, long sums, long last, int count, int lanes) {
        s = OffHeap.of(s);
        var mask = IOTA.compare(LT, (float) lanes);
        for (int t = 0; t < count; t++) {
            long at = (long) t * BYTES;
            fromMemorySegment(F, s, sums + at, ORDER).add(fromMemorySegment(F, s, last + at, ORDER), mask)
                    .intoMemorySegment(s, sums + at, ORDER);
        }
    }
}
