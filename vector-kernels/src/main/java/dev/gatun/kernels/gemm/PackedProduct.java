package dev.gatun.kernels.gemm;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// maths: C = epilogue(alpha·A·B + beta·C) with B in packed panels.
/// layout: panels packed by a [PanelSource] while it runs, or once before; A with any strides, its rows copied where
/// they are not side by side or lie a power of two apart.
/// blocking and why: columns by nc, sums by kr, on each tile by kc, so that a tile of C comes near once in kr; all workers pack a block of B together, then claim blocks of C, whose
/// sums are never split, so that bits do not depend on the workers.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-gemm.md.
public final class PackedProduct implements Call {
    /// Rows of A that are copied at a time.
    private static final int STRIP = 2048;
    /// Elements between copied rows of A, which would share a set of the first-level cache if they lay 4096 bytes apart.
    private static final int APART = 16;
    /// Fewer panels than this use A too seldom to repay a copy, and so few tiles find it in the cache as it lies.
    private static final int FEW = 6;

    private final Threads threads;
    private final TileProduct product;
    private final Tiling tiling;
    private final Operand a;
    private final boolean copyA;
    private final @Nullable Elements elements;
    private final @Nullable PanelSource source;
    private final MemorySegment packed;
    private final Operand c;
    private final Extras extras;
    private final Split depth;
    private final Blocks blocks;
    private final Split rounds;
    private final int longest;
    private final Split groups;
    private final Split strips;
    private final Split heights;
    private final Split widths;
    private final long panelBytes;
    private final long copyBytes;
    private final Tile[] tiles;
    private @Nullable Buffer copy;
    private final Task packing = this::pack;
    private final Task copying = this::copy;
    private final Task multiplying = this::multiply;

    // What the workers are at; written by the caller before it hands out chunks. The scratch memory is kept, so that
    // its buffer is made once for all runs with it.
    private MemorySegment scratch = MemorySegment.NULL;
    private int batch;
    private int round;
    private int strip;
    private int group;

    /// `packed` holds all panels when there is no source.
    public PackedProduct(
            Threads threads, TileProduct product, int k, Operand a, @Nullable PanelSource source,
            MemorySegment packed, Operand c, Extras extras, Blocking blocking) {
        this.threads = threads;
        this.product = product;
        this.tiling = product.tiling();
        this.a = a;
        this.source = source;
        this.packed = packed;
        this.c = c;
        this.extras = extras;
        int bytes = tiling.type().dtype().bytes();
        depth = depth(k, tiling, blocking);
        blocks = Blocks.of(depth);
        int panels = tiling.columns().count();
        int nv = Math.max(tiling.columns().largest(), 1);
        rounds = rounds(depth, blocking);
        longest = rounds.largest() * depth.largest();
        groups = new Split(
                panels, Math.max((int) ((long) blocking.nc() * blocking.kc() / Math.max(longest, 1)) / nv, 1));
        boolean unreadable = a.column() != bytes || !Elements.fit(a, tiling.m(), k, tiling.type().dtype());
        boolean far = panels > FEW && tiling.rows().count() > FEW && a.row() > (long) longest * bytes;
        boolean crowded = a.row() % 2048 == 0 && panels > 4;
        copyA = unreadable || (!product.isCopied() && (far || crowded));
        elements = copyA ? null : Elements.of(a, tiling.m(), k, tiling.type().dtype());
        int mr = Math.max(tiling.rows().largest(), 1);
        strips = new Split(tiling.rows().count(), Math.max(STRIP / mr, 1));
        // Eight chunks per worker where there is work for them, so that none waits long for another.
        long work = (long) tiling.m() * tiling.n() * Math.max(k, 1);
        int wanted = (int) Math.clamp(work >> 17, 1, threads.count() == 1 ? 1 : 8L * threads.count());
        int inGroup = groups.largest();
        int tall = Math.max(blocking.mc() / mr, 1);
        if (copyA) {
            // All workers copy.
            tall = Math.clamp(Math.ceilDiv(tiling.rows().count(), wanted), 1, tall);
        }
        Grid grid = Grid.of(
                threads.count(), strips.largest(), inGroup, tall, wanted, work, (double) tiling.m() * k,
                (double) tiling.n() * k);
        heights = grid.heights();
        widths = grid.widths();
        long kc = Math.max(longest, 1);
        panelBytes = source == null ? 0 : roundUp(inGroup * nv * tiling.type().bytes() * kc) + 64;
        copyBytes = copyA ? roundUp(strips.largest() * mr * (kc + APART) * bytes) + 64 : 0;
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new Tile();
            extras.attach(tiles[i]);
        }
    }

    /// The blocks of a sum of `k`. They do not show in the bits, since a block goes on with the very sums that the one
    /// before it stored. With a single row of tiles nothing is used twice and blocks would only break up the stream; but
    /// copied rows have room for one block.
    public static Split depth(int k, Tiling tiling, Blocking blocking) {
        boolean whole = tiling.rows().count() <= 1 && !tiling.isCopied();
        return new Split(k, whole ? Math.max(k, 1) : blocking.kc());
    }

    /// How a [TileProduct] is to be made for a sum of `k`: runs end inside it where more than a round is packed.
    public static TileProduct.Cut cut(int k, Tiling tiling, Blocking blocking) {
        Split depth = depth(k, tiling, blocking);
        return rounds(depth, blocking).count() > 1 ? TileProduct.Cut.APART : TileProduct.Cut.of(depth.count());
    }

    private static Split rounds(Split depth, Blocking blocking) {
        return new Split(depth.count(), Math.max(blocking.kr() / Math.max(depth.largest(), 1), 1));
    }

    @Override
    public long scratchBytes() {
        return panelBytes + copyBytes;
    }

    private static long roundUp(long bytes) {
        return bytes + 63 & ~63L;
    }

    @Override
    public void run(MemorySegment memory) {
        if (copyA && !memory.equals(scratch)) {
            copy = Elements.of(memory, panelBytes, copyBytes, tiling.type().dtype());
        }
        scratch = memory;
        for (batch = 0; batch < c.batch(); batch++) {
            for (round = 0; round < rounds.count(); round++) {
                for (strip = 0; strip < strips.count(); strip++) {
                    if (copyA) {
                        threads.run(copying, heights.count());
                    }
                    for (group = 0; group < groups.count(); group++) {
                        if (source != null && (strip == 0 || groups.count() > 1)) {
                            threads.run(packing, groups.size(group));
                        }
                        threads.run(multiplying, heights.count() * widths.count());
                    }
                }
            }
        }
    }

    /// First p of the blocks of this round.
    private int start() {
        return depth.start(rounds.start(round));
    }

    private int end() {
        return depth.start(rounds.start(round + 1));
    }

    private void pack(int chunk, int worker) {
        int j = groups.start(group) + chunk;
        long at = (long) (tiling.columns().start(j) - tiling.columns().start(groups.start(group)))
                * tiling.type().bytes() * (end() - start());
        PanelSource from = source;
        if (from != null) {
            from.pack(batch, j, start(), end(), scratch, at, tiles[worker]);
        }
    }

    /// First row tile of chunk `i` of this strip; `heights.count()` gives the strip's end.
    private int tile(int i) {
        return Math.min(strips.start(strip) + heights.start(i), strips.start(strip + 1));
    }

    private void copy(int chunk, int worker) {
        int bytes = tiling.type().dtype().bytes();
        int k = end() - start();
        int origin = tiling.rows().start(tile(0));
        int first = tiling.rows().start(tile(chunk));
        int count = tiling.rows().start(tile(chunk + 1)) - first;
        Strided.copy(
                bytes, count, k, a.segment(),
                a.starts()[batch] + start() * a.column() + first * a.row(), a.row(), a.column(), scratch,
                panelBytes + (long) (first - origin) * (k + APART) * bytes, (long) (k + APART) * bytes, bytes,
                tiles[worker].held32);
    }

    private void multiply(int chunk, int worker) {
        int i = chunk % heights.count();
        int w = chunk / heights.count();
        int i0 = tile(i);
        int i1 = tile(i + 1);
        int j0 = groups.start(group) + widths.start(w);
        int j1 = Math.min(groups.start(group) + widths.start(w + 1), groups.start(group + 1));
        if (i0 >= i1 || j0 >= j1) {
            return;
        }
        int p0 = start();
        int k = end() - start();
        Tile tile = tiles[worker];
        Elements whole = elements;
        int aBase;
        if (whole == null) {
            tile.a(Objects.requireNonNull(copy));
            tile.aRow = k + APART;
            aBase = -tiling.rows().start(tile(0)) * (k + APART);
        } else {
            tile.a(whole.buffer());
            tile.aRow = (int) (a.row() / tiling.type().dtype().bytes());
            aBase = whole.start(a, batch, tiling.type().dtype()) + p0;
        }
        boolean fresh = source != null;
        tile.b = fresh ? scratch : packed;
        // Panels packed on the way begin with the first one of their group.
        long bBase = fresh
                ? -(long) tiling.columns().start(groups.start(group)) * tiling.type().bytes() * k
                : 0;
        tile.c = c.segment();
        tile.cRow = c.row();
        product.run(
                tile, blocks, rounds.start(round), rounds.start(round + 1), i0, i1, j0, j1, aBase, bBase,
                fresh ? k : depth.total(),
                fresh ? 0 : p0, c.starts()[batch], extras, batch);
    }
}
