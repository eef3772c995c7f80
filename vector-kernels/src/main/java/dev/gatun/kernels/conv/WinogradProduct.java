package dev.gatun.kernels.conv;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Blocks;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/// Maths: `Y = Aᵀ[Σ_c U[o, c] ⊙ V[c]]A`, `U = G g Gᵀ`, `V = Bᵀ d B` for tiles of m × m outputs of a 3×3 correlation of
/// step 1: a product `[tile, c] · [c, o]` for each of the (m + 2)² positions, `9 m² / (m + 2)²` times fewer
/// multiplications than the sum itself (see [TileTransform] for the sources).
/// Layout: lanes are channels: V is the product's left side as it is, U packed panels, M `[position][tile][output]`.
/// Blocking: a block is so many lines of tiles, of all images together, that V and M stay in the second-level cache, but
/// enough for U to be worth its way from memory. With enough blocks a worker does one alone; else all share the
/// channels, the positions and the outputs of a block. No sum is ever cut otherwise, so bits depend on neither.
/// Registers: see the micro-kernel and the transforms. Evidence: docs/kernels-conv.md.
final class WinogradProduct implements Product {
    private final Threads threads;
    private final WinogradShape shape;
    private final WinogradFilter filter;
    private final WinogradInput input;
    private final WinogradOutput output;
    private final @Nullable Operand plain;
    private final Blocks terms;
    private final TileProduct longer;
    private final TileProduct shorter;
    private final int panelParts;
    private final Split panels;
    private final boolean alone;
    private final long filterBytes;
    private final long blockBytes;
    private final long roomBytes;
    private final Tile[] tiles;
    private final @Nullable FloatBuffer[] buffers;
    private final long[][] rows;
    private final Task packing = this::pack;
    private final Task blocks = this::block;
    private final Task transformingInput = this::inputPart;
    private final Task multiplying = this::multiplyPart;
    private final Task transformingOutput = this::outputPart;

    // What the workers are at; written before chunks are handed out.
    private MemorySegment scratch = MemorySegment.NULL;
    private long scratchAt;
    private MemorySegment weights = MemorySegment.NULL;
    private MemorySegment result = MemorySegment.NULL;
    private int group;
    private int current;

    /// @param plain weights as rows of `c·9` numbers, to be transformed at each run; null when they come transformed
    WinogradProduct(
            Machine machine, WinogradShape shape, WinogradFilter filter, Operand source, @Nullable Operand plain,
            Operand out, Expr epilogue, Extras extras) {
        this.threads = machine.threads();
        this.shape = shape;
        this.filter = filter;
        this.plain = plain;
        int groups = filter.groups();
        terms = Blocks.of(machine.depth(filter.c()));
        longer = product(machine, shape.lines().largest());
        shorter = product(machine, shape.lines().size(Math.max(0, shape.lines().count() - 1)));
        panels = longer.tiling().columns();
        int wanted = Math.ceilDiv(4 * threads.count(), shape.positions());
        panelParts = threads.count() == 1 ? 1 : Math.clamp(wanted, 1, Math.max(1, panels.count()));
        int count = threads.count();
        alone = count == 1 || (long) shape.lines().count() * groups >= 2L * count;
        boolean passed = !epilogue.equals(Expr.input(0));
        boolean planes = !WinogradOutput.isChannelsLast(out);
        @Nullable
        MicroKernel[] passes = machine.compiled().passes(
                machine.type(), epilogue, extras.kinds(), passed, passed && planes);
        input = new WinogradInput(filter.transform(), shape, source, groups);
        output = new WinogradOutput(filter.transform(), shape, out, groups, passes, extras);
        filterBytes = plain == null ? 0 : filter.bytes();
        blockBytes = shape.blockBytes();
        long packRoom = plain == null ? 0 : filter.scratchBytes();
        roomBytes = Math.max(packRoom, Math.max(input.scratchBytes(), output.scratchBytes())) + 63 & ~63L;
        tiles = new Tile[count];
        rows = new long[count][shape.size()];
        buffers = new @Nullable FloatBuffer[alone ? count : 1];
        for (int i = 0; i < count; i++) {
            tiles[i] = new Tile();
            extras.attach(tiles[i]);
        }
    }

    private TileProduct product(Machine machine, int lines) {
        int tiles = lines * shape.across();
        Split panels = filter.panels(machine.type());
        Split tall = Tiling.of(machine.type(), tiles, panels.largest() * Lanes.VL).rows();
        Tiling tiling = new Tiling(machine.type(), tiles, filter.vectors() * Lanes.VL, tall, panels);
        return new TileProduct(
                machine.compiled(), tiling, TileProduct.Right.COLUMNS, 0, TileProduct.Cut.of(terms.count()),
                Expr.input(0),
                Extras.NONE);
    }

    @Override
    public long scratchBytes() {
        return filterBytes + blockBytes * buffers.length + roomBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory, long at, MemorySegment a, MemorySegment out) {
        if (!memory.equals(scratch) || at != scratchAt) {
            for (int i = 0; i < buffers.length; i++) {
                MemorySegment block = memory.asSlice(at + filterBytes + i * blockBytes, blockBytes);
                buffers[i] = block.asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
            }
        }
        scratch = memory;
        scratchAt = at;
        weights = a;
        result = out;
        if (plain != null) {
            threads.run(packing, filter.groups() * filter.vectors());
        }
        int count = shape.lines().count();
        if (alone) {
            threads.run(blocks, filter.groups() * count);
            return;
        }
        for (group = 0; group < filter.groups(); group++) {
            for (current = 0; current < count; current++) {
                threads.run(transformingInput, input.parts());
                threads.run(multiplying, shape.positions() * panelParts);
                threads.run(transformingOutput, filter.vectors());
            }
        }
    }

    private long block(int worker) {
        return scratchAt + filterBytes + (alone ? worker * blockBytes : 0);
    }

    private long outputBlock(int worker) {
        return block(worker) + shape.positions() * shape.inputPosition();
    }

    private long room(int worker) {
        return scratchAt + filterBytes + buffers.length * blockBytes + worker * roomBytes;
    }

    private void pack(int chunk, int worker) {
        Operand rows = plain;
        if (rows != null) {
            int g = chunk / filter.vectors();
            filter.pack(
                    weights, rows.starts()[g], rows.row(), g, chunk % filter.vectors(), scratch,
                    scratchAt, scratch, room(worker));
        }
    }

    private void block(int chunk, int worker) {
        int g = chunk / shape.lines().count();
        int b = chunk % shape.lines().count();
        for (int part = 0; part < input.parts(); part++) {
            input.run(g, b, part, scratch, block(worker), room(worker), rows[worker]);
        }
        for (int p = 0; p < shape.positions(); p++) {
            multiply(g, b, p, 0, panels.count(), worker);
        }
        for (int v = 0; v < filter.vectors(); v++) {
            output.run(g, b, v, scratch, outputBlock(worker), room(worker), result, tiles[worker]);
        }
        output.finish(g, b, 0, filter.vectors(), result, tiles[worker]);
    }

    private void inputPart(int chunk, int worker) {
        input.run(group, current, chunk, scratch, block(worker), room(worker), rows[worker]);
    }

    private void multiplyPart(int chunk, int worker) {
        int part = chunk % panelParts;
        multiply(
                group, current, chunk / panelParts, part * panels.count() / panelParts,
                (part + 1) * panels.count() / panelParts, worker);
    }

    private void outputPart(int chunk, int worker) {
        output.run(group, current, chunk, scratch, outputBlock(worker), room(worker), result, tiles[worker]);
        output.finish(group, current, chunk, chunk + 1, result, tiles[worker]);
    }

    private void multiply(int g, int b, int p, int j0, int j1, int worker) {
        TileProduct product = shape.lines().size(b) == shape.lines().largest() ? longer : shorter;
        Tile tile = tiles[worker];
        FloatBuffer elements = buffers[alone ? worker : 0];
        if (elements != null) {
            tile.a32 = elements;
        }
        tile.aRow = shape.inputRow();
        tile.b = plain == null ? weights : scratch;
        tile.c = scratch;
        tile.cRow = shape.outputRow();
        long u = (plain == null ? 0 : scratchAt) + g * filter.groupBytes() + p * filter.positionBytes();
        product.run(
                tile, terms, 0, product.tiling().rows().count(), j0, j1, (int) (p * shape.inputPosition() / 4), u,
                filter.c(), outputBlock(worker) + p * shape.outputPosition(), Extras.NONE, 0);
    }
}
