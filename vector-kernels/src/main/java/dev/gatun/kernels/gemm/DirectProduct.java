package dev.gatun.kernels.gemm;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// maths: C = epilogue(alpha·A·B + beta·C) for products too small to repay packing, in batches too.
/// layout: the elements of a row of A, B and C lie side by side.
/// blocking and why: none; one sum is one block.
/// registers: see the micro-kernel.
/// evidence: docs/kernels.md.
public final class DirectProduct implements Call {
    private final Threads threads;
    private final TileProduct product;
    private final int k;
    private final Operand a;
    private final Operand b;
    private final Operand c;
    private final Extras extras;
    private final Split heights;
    private final Split widths;
    private final Split batches;
    private final Tile[] tiles;
    private final Task multiplying = this::multiply;

    /// Everything is laid out here.
    public DirectProduct(Threads threads, TileProduct product, int k, Operand a, Operand b, Operand c, Extras extras) {
        this.threads = threads;
        this.product = product;
        this.k = k;
        this.a = a;
        this.b = b;
        this.c = c;
        this.extras = extras;
        Tiling tiling = product.tiling();
        long work = (long) tiling.m() * tiling.n() * Math.max(k, 1);
        int wanted = (int) Math.clamp((work * c.batch()) >> 16, 1, threads.count() == 1 ? 1 : 4L * threads.count());
        batches = new Split(c.batch(), Math.max(Math.ceilDiv(c.batch(), wanted), 1));
        int inside = Math.ceilDiv(wanted, Math.max(batches.count(), 1));
        int panels = tiling.columns().count();
        widths = new Split(panels, Math.max(Math.ceilDiv(panels, inside), 1));
        inside = Math.ceilDiv(inside, Math.max(widths.count(), 1));
        heights = new Split(tiling.rows().count(), Math.max(Math.ceilDiv(tiling.rows().count(), inside), 1));
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            extras.attach(tile);
            tile.a = a.segment();
            tile.b = b.segment();
            tile.c = c.segment();
            tile.aRow = a.row();
            tile.bRow = b.row();
            tile.cRow = c.row();
            tile.k = k;
            tiles[i] = tile;
        }
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(multiplying, batches.count() * widths.count() * heights.count());
    }

    private void multiply(int chunk, int worker) {
        int h = chunk % heights.count();
        int w = chunk / heights.count() % widths.count();
        int s = chunk / heights.count() / widths.count();
        for (int i = batches.start(s); i < batches.start(s + 1); i++) {
            product.run(
                    tiles[worker], Part.ONLY, heights.start(h), heights.start(h + 1), widths.start(w),
                    widths.start(w + 1), a.starts()[i], b.starts()[i], 0, 0, c.starts()[i], extras, i);
        }
    }
}
