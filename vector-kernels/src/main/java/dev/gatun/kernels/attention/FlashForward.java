package dev.gatun.kernels.attention;

import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Elements;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// maths: `O = softmax(scale·Q·Kᵀ + mask)·V` by blocks of keys with a running maximum and sum per query (Milakov and
/// Gimelshein, 2018; Dao and others, 2022).
/// layout: Kᵀ and V of every key head packed into panels once; Q read where it lies; S and O of a tile in the worker's
/// scratch memory.
/// blocking and why: 36 queries (six tiles of the products) × 1024 keys: S and the panels of the block stay in the second-level
/// cache, a panel in the first. A row of S has some 70 ns of its own, so rows are long; a block of keys that no query of the
/// tile sees is skipped.
/// registers: see the micro-kernel and [RowMath].
/// evidence: docs/kernels-attention.md.
final class FlashForward implements Call {
    private static final int QUERIES = 36;
    private static final int KEYS = 1024;
    /// Between the rows of S beyond a power of two, whose lines would share a few sets of the cache.
    static final int GAP = 16;
    private static final double LN2 = Math.log(2);

    private final Threads threads;
    private final Sizes sizes;
    private final Masking masking;
    private final Panels keys;
    private final Panels values;
    private final Split tiles;
    private final Split blocks;
    private final TileProducts scores;
    private final TileProducts results;
    private final Elements queries;
    private final Operand q;
    private final Operand out;
    private final Operand lse;
    private final int scoreRow;
    private final long tileBytes;
    private final long workerBytes;
    private final long workersAt;
    private final Tile[] multiply;
    private final float[][] largest;
    private final @Nullable Buffer[] weights;
    private final Task packing = this::pack;
    private final Task computing = this::compute;
    private MemorySegment scratch = MemorySegment.NULL;

    FlashForward(
            Threads threads, MicroKernels compiled, VectorType type, Sizes sizes, View q, View k, View v,
            Masking masking, View out, View lse) {
        this.threads = threads;
        this.sizes = sizes;
        this.masking = masking;
        this.q = Operand.of(q);
        this.out = Operand.of(out);
        this.lse = Operand.of(column(lse));
        keys = new Panels(compiled, type, k, true, 0);
        values = new Panels(compiled, type, v, false, keys.end());
        tiles = new Split(sizes.tq(), QUERIES);
        blocks = blocks(keys, KEYS);
        scores = new TileProducts(compiled, type, tiles, keys, false);
        results = new TileProducts(compiled, type, tiles, values, true);
        queries = Elements.of(this.q, sizes.tq(), sizes.d(), DType.F32);
        scoreRow = KEYS + GAP;
        tileBytes = 4L * QUERIES * scoreRow;
        workerBytes = tileBytes + 4L * QUERIES * (values.width() + VL);
        workersAt = values.end();
        int count = threads.count();
        multiply = new Tile[count];
        largest = new float[count][QUERIES];
        weights = new @Nullable Buffer[count];
        for (int i = 0; i < count; i++) {
            multiply[i] = new Tile();
            Extras.NONE.attach(multiply[i]);
        }
    }

    /// `[n, h, tq]` as matrices of one column.
    static View column(View v) {
        return v.restride(0, new int[] {v.dim(0), v.dim(1), v.dim(2), 1},
                new int[] {v.stride(0), v.stride(1), v.stride(2), 1});
    }

    /// Panels by at most `width` columns.
    static Split blocks(Panels panels, int width) {
        int wide = Math.max(1, panels.columns().count() == 0 ? 1 : panels.column(1));
        return new Split(panels.columns().count(), Math.max(1, width / wide));
    }

    @Override
    public long scratchBytes() {
        return workersAt + workerBytes * multiply.length;
    }

    @Override
    public void run(MemorySegment memory) {
        if (!memory.equals(scratch)) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Elements.of(memory, workersAt + i * workerBytes, tileBytes, DType.F32);
            }
            scratch = memory;
        }
        masking.prepare();
        threads.run(packing, sizes.keyHeads());
        threads.run(computing, sizes.queryHeads() * tiles.count());
    }

    private void pack(int head, int worker) {
        keys.pack(head, scratch, multiply[worker]);
        values.pack(head, scratch, multiply[worker]);
    }

    private void compute(int unit, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int head = unit / tiles.count();
        int i0 = tiles.start(unit % tiles.count());
        int rows = tiles.size(unit % tiles.count());
        int b = head / sizes.heads();
        int seen = masking.length(b);
        if (sizes.spec().causal()) {
            seen = Math.min(seen, i0 + rows);
        }
        Arrays.fill(largest[worker], Float.NEGATIVE_INFINITY);
        for (int i = 0; i < rows * VL; i++) {
            scratch.set(FLOAT, lanes(worker, 0) + 4L * i, 0);
        }
        for (int block = 0; block < blocks.count() && keys.column(blocks.start(block)) < seen; block++) {
            block(block, head, i0, rows, seen, worker);
        }
        finish(head, i0, rows, seen, worker);
    }

    private void block(int block, int head, int i0, int rows, int seen, int worker) {
        int j0 = blocks.start(block);
        int j1 = j0;
        while (j1 < blocks.start(block + 1) && keys.column(j1) < seen) {
            j1++;
        }
        int k0 = keys.column(j0);
        int n = Math.min(seen, keys.column(j1)) - k0;
        long s = workersAt + worker * workerBytes;
        long o = s + tileBytes;
        int keyHead = head / sizes.group();
        Tile tile = multiply[worker];
        tile.a(queries.buffer());
        tile.aRow = (int) (q.row() / 4);
        tile.b = scratch;
        tile.c = scratch;
        tile.cRow = 4L * scoreRow;
        int first = queries.start(q, head, DType.F32) + i0 * tile.aRow;
        scores.run(tile, rows, first, keyHead, j0, j1, 0, sizes.d(), s, false);
        for (int i = 0; i < rows; i++) {
            weigh(s + 4L * i * scoreRow, o + 4L * i * values.width(), head, i0 + i, i, k0, n, block > 0, worker);
        }
        if (sizes.spec().dropout() > 0) {
            masking.drop(scratch, s, 4L * scoreRow, 4, head, i0, rows, k0, n, worker);
        }
        Buffer p = weights[worker];
        if (p != null) {
            tile.a(p);
        }
        tile.aRow = scoreRow;
        tile.cRow = 4L * values.width();
        results.run(tile, rows, 0, keyHead, 0, values.columns().count(), k0, n, o, block > 0);
    }

    /// Turns the scores of one query into weights.
    private void weigh(
            long at, long result, int head, int query, int row, int k0, int n, boolean later, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int b = head / sizes.heads();
        int visible = sizes.spec().causal() ? Math.clamp(query + 1L - k0, 0, n) : n;
        if (masking.isNeeded(b)) {
            masking.row(scratch, at, b, head % sizes.heads(), query, k0, visible);
        }
        int whole = RowMath.pad(scratch, at, visible);
        float before = largest[worker][row];
        float now = Math.max(before, RowMath.max(scratch, at, whole));
        float factor = masking.factor(b);
        // Nothing seen yet: every exponent is −∞, whatever the reference.
        float m = now == Float.NEGATIVE_INFINITY ? 0 : now * factor;
        float shrink = 1;
        if (later && now > before) {
            shrink = before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(((double) (before * factor) - m) * LN2);
            RowMath.scale(scratch, result, values.width(), shrink);
        }
        RowMath.exp(scratch, at, whole, factor, m, lanes(worker, row), shrink);
        largest[worker][row] = now;
        for (int j = whole; j < n; j++) {
            scratch.set(FLOAT, at + 4L * j, 0);
        }
    }

    /// Where the sums of a query's lanes are.
    private long lanes(int worker, int row) {
        return workersAt + worker * workerBytes + tileBytes + 4L * QUERIES * values.width() + 4L * VL * row;
    }

    private void finish(int head, int i0, int rows, int seen, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        MemorySegment result = OffHeap.of(out.segment());
        MemorySegment sums = OffHeap.of(lse.segment());
        float factor = masking.factor(head / sizes.heads());
        long o = workersAt + worker * workerBytes + tileBytes;
        for (int i = 0; i < rows; i++) {
            float sum = seen == 0 ? 0 : Lanes.sum(scratch, lanes(worker, i));
            float m = largest[worker][i];
            long to = out.starts()[head] + (i0 + i) * out.row();
            boolean blind = sum == 0;
            if (blind) {
                for (int c = 0; c < sizes.dv(); c++) {
                    result.set(FLOAT, to + 4L * c, 0);
                }
            } else {
                RowMath.store(scratch, o + 4L * i * values.width(), sizes.dv(), 1 / sum, result, to);
            }
            sums.set(FLOAT, lse.starts()[head] + (i0 + i) * lse.row(),
                    blind ? Float.NEGATIVE_INFINITY : (float) (m * factor * LN2 + Math.log(sum)));
        }
    }
}
