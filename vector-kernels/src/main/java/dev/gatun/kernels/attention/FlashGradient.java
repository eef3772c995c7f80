package dev.gatun.kernels.attention;

import static dev.gatun.kernels.image.Lanes.FLOAT;

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
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import org.jspecify.annotations.Nullable;

/// maths: with `P = e^(scale·Q·Kᵀ + mask − lse)` computed anew, `dP = gO·Vᵀ`, `D = Σ gO·O` of each query and
/// `dS = P·(dP − D)`: `gQ = scale·dS·K`, `gK = scale·dSᵀ·Q`, `gV = Pᵀ·gO` (Dao and others, 2022).
/// layout: every operand packed in panels once, as it is and turned, so that each product finds its right side packed and
/// its left side in rows.
/// blocking and why: tiles of 64 queries against blocks of 256 keys for gQ, then of 64 keys against 256 queries for gK
/// and gV: each gradient has one owner, sums in one order, and the tiles are shared by the threads.
/// registers: see the micro-kernel and [RowMath].
/// evidence: docs/kernels-attention.md.
final class FlashGradient implements Call {
    private static final int SIDE = 64;
    private static final int BLOCK = 256;
    private static final int ROW = BLOCK + FlashForward.GAP;
    private static final long TILE = 4L * SIDE * ROW;
    private static final double LOG2E = 1 / Math.log(2);

    private final Threads threads;
    private final Sizes sizes;
    private final Masking masking;
    private final Operand out;
    private final Operand lse;
    private final Operand gradient;
    private final QuerySide queries;
    private final KeySide keys;
    private final int lineWidth;
    private final long linesAt;
    private final long workersAt;
    private final long workerBytes;
    private final Tile[] tiles;
    private final @Nullable Buffer[] first;
    private final @Nullable Buffer[] second;
    private final Task packingQueries = this::packQueries;
    private final Task packingKeys = this::packKeys;
    private final Task ofQueries = this::ofQueries;
    private final Task ofKeys = this::ofKeys;
    private MemorySegment scratch = MemorySegment.NULL;

    FlashGradient(
            Threads threads, MicroKernels compiled, VectorType type, Sizes sizes, View q, View k, View v,
            Masking masking, View out, View lse, View gout, View gq, View gk, View gv) {
        this.threads = threads;
        this.sizes = sizes;
        this.masking = masking;
        this.out = Operand.of(out);
        this.lse = Operand.of(FlashForward.column(lse));
        gradient = Operand.of(gout);
        queries = new QuerySide(compiled, type, q, gout, k, v, gq);
        keys = new KeySide(compiled, type, k, v, q, gout, gk, gv, queries.end());
        // One number per query for lse and for D, padded so that whole vectors may be read.
        lineWidth = sizes.tq() + BLOCK + 15 & ~15;
        linesAt = keys.end();
        workersAt = linesAt + 8L * lineWidth * sizes.queryHeads();
        int width = Math.max(queries.width(), keys.width());
        workerBytes = 2 * TILE + 2 * 4L * SIDE * width;
        int count = threads.count();
        tiles = new Tile[count];
        first = new @Nullable Buffer[count];
        second = new @Nullable Buffer[count];
        for (int i = 0; i < count; i++) {
            tiles[i] = new Tile();
            Extras.NONE.attach(tiles[i]);
        }
    }

    @Override
    public long scratchBytes() {
        return workersAt + workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        if (!memory.equals(scratch)) {
            for (int i = 0; i < first.length; i++) {
                long at = workersAt + i * workerBytes;
                first[i] = Elements.of(memory, at, TILE, DType.F32);
                second[i] = Elements.of(memory, at + TILE, TILE, DType.F32);
            }
            scratch = memory;
        }
        masking.prepare();
        threads.run(packingQueries, sizes.queryHeads());
        threads.run(packingKeys, sizes.keyHeads());
        threads.run(ofQueries, sizes.queryHeads() * queries.tiles.count());
        threads.run(ofKeys, sizes.keyHeads() * keys.tiles.count());
    }

    private void packQueries(int head, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        MemorySegment sums = OffHeap.of(lse.segment());
        keys.turnedQ.pack(head, scratch, tiles[worker]);
        keys.turnedG.pack(head, scratch, tiles[worker]);
        keys.plainQ.pack(head, scratch, tiles[worker]);
        keys.plainG.pack(head, scratch, tiles[worker]);
        for (int i = 0; i < lineWidth; i++) {
            boolean there = i < sizes.tq();
            float total = there ? sums.get(FLOAT, lse.starts()[head] + i * lse.row()) : 0;
            boolean blind = !there || total == Float.NEGATIVE_INFINITY;
            scratch.set(FLOAT, line(head) + 4L * i, blind ? Float.POSITIVE_INFINITY : (float) (total * LOG2E));
            scratch.set(FLOAT, line(head) + 4L * (lineWidth + i), !there ? 0
                    : RowMath.dot(out.segment(), out.starts()[head] + i * out.row(), gradient.segment(),
                            gradient.starts()[head] + i * gradient.row(), sizes.dv(), scratch,
                            workersAt + workerBytes * worker));
        }
    }

    /// Per query of a head: lse in powers of 2 (+∞ for one that sees nothing), and behind all of them D.
    private long line(int head) {
        return linesAt + 8L * lineWidth * head;
    }

    private void packKeys(int head, int worker) {
        queries.turnedK.pack(head, scratch, tiles[worker]);
        queries.turnedV.pack(head, scratch, tiles[worker]);
        queries.plainK.pack(head, scratch, tiles[worker]);
    }

    private void ofQueries(int unit, int worker) {
        QuerySide side = queries;
        int head = unit / side.tiles.count();
        int i0 = side.tiles.start(unit % side.tiles.count());
        int rows = side.tiles.size(unit % side.tiles.count());
        int b = head / sizes.heads();
        int seen = masking.length(b);
        if (sizes.spec().causal()) {
            seen = Math.min(seen, i0 + rows);
        }
        long s = workersAt + worker * workerBytes;
        long o = s + 2 * TILE;
        int keyHead = head / sizes.group();
        for (int block = 0; block < side.blocks.count(); block++) {
            int j0 = side.blocks.start(block);
            int k0 = side.turnedK.column(j0);
            if (k0 >= seen) {
                break;
            }
            int j1 = j0;
            while (j1 < side.blocks.start(block + 1) && side.turnedK.column(j1) < seen) {
                j1++;
            }
            int n = Math.min(seen, side.turnedK.column(j1)) - k0;
            Tile tile = scores(worker);
            read(tile, side.rowsQ, side.q);
            side.scores.run(tile, rows, start(side.rowsQ, side.q, head, i0), keyHead, j0, j1, 0, sizes.d(), s, false);
            read(tile, side.rowsG, side.g);
            side.weights.run(
                    tile, rows, start(side.rowsG, side.g, head, i0), keyHead, j0, j1, 0, sizes.dv(), s + TILE, false);
            if (sizes.spec().dropout() > 0) {
                masking.drop(scratch, s + TILE, 4L * ROW, 4, head, i0, rows, k0, n, worker);
            }
            for (int i = 0; i < rows; i++) {
                query(s + 4L * i * ROW, head, i0 + i, k0, n);
            }
            weights(tile, first[worker], side.width());
            side.results.run(tile, rows, 0, keyHead, 0, side.plainK.columns().count(), k0, n, o, block > 0);
        }
        store(side.result, head, i0, rows, sizes.d(), o, side.width(), seen == 0 ? 0 : sizes.spec().scale());
    }

    /// Scores of one query → gradients of its scores.
    private void query(long at, int head, int i, int k0, int n) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int b = head / sizes.heads();
        int visible = sizes.spec().causal() ? Math.clamp(i + 1L - k0, 0, n) : n;
        if (masking.isNeeded(b)) {
            masking.row(scratch, at, b, head % sizes.heads(), i, k0, visible);
        }
        int whole = RowMath.pad(scratch, at, visible);
        RowMath.gradient(scratch, at, at + TILE, whole, masking.factor(b), scratch.get(FLOAT, line(head) + 4L * i),
                scratch.get(FLOAT, line(head) + 4L * (lineWidth + i)));
        for (int j = whole; j < n; j++) {
            scratch.set(FLOAT, at + 4L * j, 0);
        }
    }

    private void ofKeys(int unit, int worker) {
        KeySide side = keys;
        int keyHead = unit / side.tiles.count();
        int k0 = side.tiles.start(unit % side.tiles.count());
        int rows = side.tiles.size(unit % side.tiles.count());
        int b = sizes.kvHeads() == 0 ? 0 : keyHead / sizes.kvHeads();
        long s = workersAt + worker * workerBytes;
        long ofK = s + 2 * TILE;
        long ofV = ofK + 4L * SIDE * side.widthK();
        boolean any = false;
        for (int r = 0; r < sizes.group() && k0 < masking.length(b); r++) {
            int head = keyHead * sizes.group() + r;
            for (int block = 0; block < side.blocks.count(); block++) {
                int j0 = side.blocks.start(block);
                int j1 = side.blocks.start(block + 1);
                int q0 = side.turnedQ.column(j0);
                int n = Math.min(sizes.tq(), side.turnedQ.column(j1)) - q0;
                if (sizes.spec().causal() && q0 + n <= k0) {
                    continue;
                }
                Tile tile = scores(worker);
                read(tile, side.rowsK, side.k);
                side.scores.run(tile, rows, start(side.rowsK, side.k, keyHead, k0), head, j0, j1, 0, sizes.d(), s,
                        false);
                read(tile, side.rowsV, side.v);
                side.weights.run(
                        tile, rows, start(side.rowsV, side.v, keyHead, k0), head, j0, j1, 0, sizes.dv(), s + TILE,
                        false);
                if (sizes.spec().dropout() > 0) {
                    masking.drop(scratch, s + TILE, 4, 4L * ROW, head, q0, n, k0, rows, worker);
                }
                for (int j = 0; j < rows; j++) {
                    key(s + 4L * j * ROW, b, head, k0 + j, q0, n);
                }
                if (sizes.spec().dropout() > 0) {
                    masking.drop(scratch, s, 4, 4L * ROW, head, q0, n, k0, rows, worker);
                }
                weights(tile, first[worker], side.widthV());
                side.ofV.run(tile, rows, 0, head, 0, side.plainG.columns().count(), q0, n, ofV, any);
                weights(tile, second[worker], side.widthK());
                side.ofK.run(tile, rows, 0, head, 0, side.plainQ.columns().count(), q0, n, ofK, any);
                any = true;
            }
        }
        store(side.resultK, keyHead, k0, rows, sizes.d(), ofK, side.widthK(), any ? sizes.spec().scale() : 0);
        store(side.resultV, keyHead, k0, rows, sizes.dv(), ofV, side.widthV(), any ? 1 : 0);
    }

    /// Scores of one key → its weights, and gradients of the scores.
    private void key(long at, int b, int head, int j, int q0, int n) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int hidden = sizes.spec().causal() ? Math.clamp(j - (long) q0, 0, n) : 0;
        if (j >= masking.length(b)) {
            hidden = n;
        } else {
            if (masking.isNeeded(b)) {
                masking.column(scratch, at, b, head % sizes.heads(), q0, j, n);
            }
            int whole = RowMath.whole(n);
            RowMath.gradientOfKey(scratch, at, at + TILE, whole, masking.factor(b), line(head) + 4L * q0,
                    line(head) + 4L * (lineWidth + q0));
        }
        for (int i = 0; i < hidden; i++) {
            scratch.set(FLOAT, at + 4L * i, 0);
            scratch.set(FLOAT, at + TILE + 4L * i, 0);
        }
    }

    private Tile scores(int worker) {
        Tile tile = tiles[worker];
        tile.b = scratch;
        tile.c = scratch;
        tile.cRow = 4L * ROW;
        return tile;
    }

    private static void read(Tile tile, Elements elements, Operand operand) {
        tile.a(elements.buffer());
        tile.aRow = (int) (operand.row() / 4);
    }

    private static int start(Elements elements, Operand operand, int head, int row) {
        return elements.start(operand, head, DType.F32) + (int) (row * (operand.row() / 4));
    }

    private static void weights(Tile tile, @Nullable Buffer buffer, int width) {
        if (buffer != null) {
            tile.a(buffer);
        }
        tile.aRow = ROW;
        tile.cRow = 4L * width;
    }

    private void store(Operand to, int head, int first, int rows, int n, long at, int width, double factor) {
        MemorySegment result = OffHeap.of(to.segment());
        for (int i = 0; i < rows; i++) {
            long there = to.starts()[head] + (first + i) * to.row();
            if (factor == 0) {
                for (int c = 0; c < n; c++) {
                    result.set(FLOAT, there + 4L * c, 0);
                }
            } else {
                RowMath.store(scratch, at + 4L * i * width, n, (float) factor, result, there);
            }
        }
    }

    /// What tiles of queries need: keys and values turned, keys as they are.
    private final class QuerySide {
        final Split tiles;
        final Split blocks;
        final Panels turnedK;
        final Panels turnedV;
        final Panels plainK;
        final Operand q;
        final Operand g;
        final Operand result;
        final Elements rowsQ;
        final Elements rowsG;
        final TileProducts scores;
        final TileProducts weights;
        final TileProducts results;

        QuerySide(MicroKernels compiled, VectorType type, View q, View gout, View k, View v, View gq) {
            tiles = new Split(sizes.tq(), SIDE);
            turnedK = new Panels(compiled, type, k, true, 0);
            turnedV = new Panels(compiled, type, v, true, turnedK.end());
            plainK = new Panels(compiled, type, k, false, turnedV.end());
            blocks = FlashForward.blocks(turnedK, BLOCK);
            this.q = Operand.of(q);
            g = Operand.of(gout);
            result = Operand.of(gq);
            rowsQ = Elements.of(this.q, sizes.tq(), sizes.d(), q.dtype());
            rowsG = Elements.of(g, sizes.tq(), sizes.dv(), q.dtype());
            scores = new TileProducts(compiled, type, tiles, turnedK, false);
            weights = new TileProducts(compiled, type, tiles, turnedV, false);
            results = new TileProducts(compiled, type, tiles, plainK, true);
        }

        long end() {
            return plainK.end();
        }

        int width() {
            return plainK.width();
        }
    }

    /// What tiles of keys need: queries and gradients of results, turned and as they are.
    private final class KeySide {
        final Split tiles;
        final Split blocks;
        final Panels turnedQ;
        final Panels turnedG;
        final Panels plainQ;
        final Panels plainG;
        final Operand k;
        final Operand v;
        final Operand resultK;
        final Operand resultV;
        final Elements rowsK;
        final Elements rowsV;
        final TileProducts scores;
        final TileProducts weights;
        final TileProducts ofK;
        final TileProducts ofV;

        KeySide(
                MicroKernels compiled, VectorType type, View k, View v, View q, View gout, View gk, View gv,
                long at) {
            tiles = new Split(sizes.tk(), SIDE);
            turnedQ = new Panels(compiled, type, q, true, at);
            turnedG = new Panels(compiled, type, gout, true, turnedQ.end());
            plainQ = new Panels(compiled, type, q, false, turnedG.end());
            plainG = new Panels(compiled, type, gout, false, plainQ.end());
            blocks = FlashForward.blocks(turnedQ, BLOCK);
            this.k = Operand.of(k);
            this.v = Operand.of(v);
            resultK = Operand.of(gk);
            resultV = Operand.of(gv);
            rowsK = Elements.of(this.k, sizes.tk(), sizes.d(), k.dtype());
            rowsV = Elements.of(this.v, sizes.tk(), sizes.dv(), k.dtype());
            scores = new TileProducts(compiled, type, tiles, turnedQ, false);
            weights = new TileProducts(compiled, type, tiles, turnedG, false);
            ofK = new TileProducts(compiled, type, tiles, plainQ, true);
            ofV = new TileProducts(compiled, type, tiles, plainG, true);
        }

        long end() {
            return plainG.end();
        }

        int widthK() {
            return plainQ.width();
        }

        int widthV() {
            return plainG.width();
        }

        int width() {
            return Math.max(widthK(), widthV());
        }
    }
}
