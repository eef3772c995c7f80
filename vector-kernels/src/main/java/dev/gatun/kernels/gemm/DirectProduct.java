package dev.gatun.kernels.gemm;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.TileProduct.Cut;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.TileProduct.Right;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// maths: C = epilogue(A·B + beta·C) for products too small to repay packing, in batches too.
/// layout: the elements of a row of A, B and C lie side by side; only a last panel with a tail is packed.
/// blocking and why: none; one sum is one block.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-gemm.md.
public final class DirectProduct implements Call {
    private final Threads threads;
    private final @Nullable TileProduct whole;
    private final @Nullable TileProduct tail;
    private final MatrixPanels source;
    private final int k;
    private final int[] aStarts;
    private final Operand b;
    private final Operand c;
    private final Extras extras;
    private final Split heights;
    private final Split widths;
    private final Split batches;
    private final int tailPanel;
    private final long tailAt;
    private final long tailBytes;
    private final Tile[] tiles;
    private final Task multiplying = this::multiply;
    private MemorySegment scratch = MemorySegment.NULL;

    /// Everything is laid out here.
    public DirectProduct(Threads threads, MicroKernels compiled, Tiling tiling, Problem p) {
        this.threads = threads;
        b = p.b();
        c = p.c();
        k = p.k();
        extras = new Extras(p.extras());
        int panels = tiling.columns().count();
        boolean hasTail = tiling.hasTail(panels - 1);
        tailPanel = hasTail ? panels - 1 : panels;
        // A narrow B without gaps is a packed panel as it lies.
        Right right = panels == 1 && b.row() == tiling.rowBytes() ? Right.ROWS : Right.PLAIN;
        whole = tailPanel > 0 ? new TileProduct(compiled, tiling, right, p.beta(), Cut.NONE, p.expr(), extras) : null;
        tail = hasTail ? new TileProduct(compiled, tiling, Right.COLUMNS, p.beta(), Cut.NONE, p.expr(), extras) : null;
        source = new MatrixPanels(compiled, tiling, b);
        long tailRow = hasTail ? (long) tiling.columns().size(tailPanel) * tiling.type().bytes() : 0;
        tailBytes = tailRow * k;
        tailAt = hasTail ? (long) tiling.columns().start(tailPanel) * tiling.type().bytes() * k : 0;
        long work = (long) tiling.m() * tiling.n() * Math.max(k, 1);
        int wanted = (int) Math.clamp((work * c.batch()) >> 16, 1, threads.count() == 1 ? 1 : 4L * threads.count());
        batches = new Split(c.batch(), Math.max(Math.ceilDiv(c.batch(), wanted), 1));
        int inside = Math.ceilDiv(wanted, Math.max(batches.count(), 1));
        widths = new Split(panels, Math.max(Math.ceilDiv(panels, inside), 1));
        inside = Math.ceilDiv(inside, Math.max(widths.count(), 1));
        heights = new Split(tiling.rows().count(), Math.max(Math.ceilDiv(tiling.rows().count(), inside), 1));
        int bytes = p.dtype().bytes();
        Elements elements = Elements.of(p.a(), p.m(), k, p.dtype());
        aStarts = new int[c.batch()];
        for (int i = 0; i < aStarts.length; i++) {
            aStarts[i] = elements.start(p.a(), i, p.dtype());
        }
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            extras.attach(tile);
            tile.a(elements.buffer());
            tile.aRow = (int) (p.a().row() / bytes);
            tiles[i] = tile;
        }
    }

    @Override
    public long scratchBytes() {
        return tailBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(multiplying, batches.count() * widths.count() * heights.count());
    }

    private void multiply(int chunk, int worker) {
        int h = chunk % heights.count();
        int rest = chunk / heights.count();
        int w = rest % widths.count();
        int s = rest / widths.count();
        for (int i = batches.start(s); i < batches.start(s + 1); i++) {
            multiply(i, heights.start(h), heights.start(h + 1), widths.start(w), widths.start(w + 1), worker);
        }
    }

    private void multiply(int batch, int i0, int i1, int j0, int j1, int worker) {
        Tile tile = tiles[worker];
        int middle = Math.min(j1, tailPanel);
        if (whole != null && j0 < middle) {
            tile.b = b.segment();
            tile.bRow = b.row();
            tile.c = c.segment();
            tile.cRow = c.row();
            tile.k = k;
            whole.run(
                    tile, Part.ONLY, i0, i1, j0, middle, aStarts[batch], b.starts()[batch], k, 0, c.starts()[batch],
                    extras, batch);
        }
        if (tail != null && middle < j1) {
            long at = worker * tailBytes;
            source.pack(batch, tailPanel, 0, k, scratch, at, tile);
            tile.b = scratch;
            tile.c = c.segment();
            tile.cRow = c.row();
            tile.k = k;
            tail.run(
                    tile, Part.ONLY, i0, i1, tailPanel, j1, aStarts[batch], at - tailAt, k, 0, c.starts()[batch],
                    extras, batch);
        }
    }
}
