package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Maths: `y = epilogue(p · between(x ∗ w))`: one filter per channel, then a 1×1 convolution of all channels.
/// Layout: channels last; what lies between the two stays in the worker's scratch memory.
/// Blocking: a chunk is some rows of results, few enough that what is between stays in the second-level cache; its product
/// goes panel by panel. Sums are cut by shape alone: bits depend neither on threads nor on the batch.
/// Registers: see [DepthwiseRows] and the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelSeparable implements Call, Task {
    private static final int CHUNK_PIXELS = 256;

    private final Threads threads;
    private final PixelShape s;
    private final View y;
    private final PixelFinish finish;
    private final DepthwiseRows rows;
    private final int lines;
    private final int pixel;
    private final long workerBytes;
    private final Split depth;
    private final TileProduct whole;
    private final TileProduct rest;
    private final Tile[] tiles;
    private MemorySegment scratch = MemorySegment.NULL;

    /// Weights as [PixelFilter] packed them; `shape` is that of the filters per channel.
    PixelSeparable(
            Machine machine, PixelShape shape, View x, MemorySegment weights, Epilogue between,
            MemorySegment pointwise, View y, Epilogue epilogue) {
        this.threads = machine.threads();
        this.s = shape;
        this.y = y;
        lines = lines(s);
        finish = PixelFinish.lines(epilogue, y, lines);
        rows = new DepthwiseRows(machine, s, x, weights, between.expr(), perChannel(between));
        // Rows a multiple of 1 KiB apart compete for the same lines of the first-level cache.
        pixel = s.c() % 256 == 0 ? s.c() + Lanes.VL : s.c();
        workerBytes = -(-4L * lines * s.ow() * pixel & -64);
        depth = machine.depth(s.c());
        whole = product(machine, lines, epilogue);
        int over = s.oh() % lines;
        rest = over == 0 ? whole : product(machine, over, epilogue);
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            finish.extras().attach(tile);
            tile.aRow = pixel;
            tile.b = pointwise;
            tile.c = y.segment();
            tile.cRow = 4L * ImageLayout.pixel(y);
            tiles[i] = tile;
        }
    }

    private TileProduct product(Machine machine, int height, Epilogue epilogue) {
        Tiling tiling = Tiling.of(machine.type(), height * s.ow(), y.dim(1));
        return new TileProduct(
                machine.compiled(), tiling, true, 0, Math.max(1, depth.count()), epilogue.expr(), finish.extras());
    }

    /// Rows of a chunk: where there are such, as many as divide the image evenly.
    private static int lines(PixelShape s) {
        int most = Math.clamp(CHUNK_PIXELS / Math.max(1, s.ow()), 1, Math.max(1, s.oh()));
        for (int l = most; 2 * l > most; l--) {
            if (s.oh() % l == 0) {
                return l;
            }
        }
        return most;
    }

    private static Extras perChannel(Epilogue between) {
        List<Operand> operands = between.extras().stream()
                .map(v -> new Operand(v.segment(), new long[] {v.offset()}, 0, 4))
                .toList();
        return operands.isEmpty() ? Extras.NONE : new Extras(operands);
    }

    @Override
    public long scratchBytes() {
        return workerBytes * tiles.length;
    }

    @Override
    public void run(MemorySegment memory) {
        finish.prepare();
        if (!memory.equals(scratch)) {
            // Made once for all runs with the same memory.
            for (int i = 0; i < tiles.length; i++) {
                tiles[i].a32 = memory.asSlice(i * workerBytes, workerBytes).asByteBuffer().order(Lanes.ORDER)
                        .asFloatBuffer();
            }
            scratch = memory;
        }
        threads.run(this, s.n() * Math.ceilDiv(s.oh(), lines));
    }

    @Override
    public void run(int chunk, int worker) {
        int perImage = Math.ceilDiv(s.oh(), lines);
        int image = chunk / perImage;
        int i0 = chunk % perImage * lines;
        int i1 = Math.min(s.oh(), i0 + lines);
        rows.run(image, i0, i1, scratch, worker * workerBytes, 4L * pixel, 0, 0, worker);
        TileProduct product = i1 - i0 == lines ? whole : rest;
        Tile tile = tiles[worker];
        long to = y.offset() + 4L * image * y.stride(0) + i0 * s.ow() * tile.cRow;
        int panels = product.tiling().columns().count();
        for (int j = 0; j < panels; j++) {
            for (int b = 0; b < depth.count(); b++) {
                tile.k = depth.size(b);
                product.run(
                        tile, Part.of(b, depth.count()), 0, product.tiling().rows().count(), j, j + 1,
                        depth.start(b), 0, s.c(), depth.start(b), to, finish.extras(), chunk);
            }
        }
    }
}
