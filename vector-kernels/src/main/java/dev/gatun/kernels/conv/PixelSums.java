package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Passes;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/// Maths: `y[pixel, o] = epilogue(Σ_p x[rowAt[pixel] + tapAt[p]] · w[p, o])` for a range of pixels and of outputs.
/// Layout: results channels last; terms where a table says, in runs side by side or each for itself.
/// Blocking: sums by runs, long ones by the machine's depth. Several blocks begin with zeros and end with the epilogue as
/// a pass, so that one kernel does for all of them: a network has many shapes, and each kernel takes the compiler a third
/// of a second. A last vector that is partly outside the results is summed up beside them then and copied: kernels that
/// add to old values and mask a tail took four times as long. Panel by panel, so that pixels and sums stay in the
/// second-level cache. Sums are cut by shape alone: bits depend neither on threads nor on the batch.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelSums {
    /// Shorter runs of numbers side by side are not worth a call of the kernel each.
    private static final int SHORT = 64;

    private final int k;
    private final int oc;
    private final int[] tapAt;
    private final MemorySegment weights;
    private final Extras extras;
    private final int[] blockAt;
    private final int[] blockK;
    private final int[] blockLength;
    private final TileProduct product;
    private final @Nullable Passes passes;
    private final boolean isBeside;

    /// For `m` pixels and weights as [PixelFilter#pack] left them.
    PixelSums(
            Machine machine, int m, int oc, int[] tapAt, MemorySegment weights, Expr epilogue, Extras extras) {
        this.k = tapAt.length;
        this.oc = oc;
        this.tapAt = tapAt;
        this.weights = weights;
        this.extras = extras;
        Tiling tiling = Tiling.of(machine.type(), m, oc);
        int run = run(tapAt);
        boolean tapped = run < SHORT && run < k;
        int length = tapped ? k : run;
        boolean isCut = tiling.rows().count() > 1 || TileProduct.isCopied(tiling, tapped);
        Split depth = !isCut
                ? new Split(length, Math.max(1, length))
                : machine.depth(length);
        int blocks = length == 0 ? 1 : k / length * depth.count();
        blockAt = new int[blocks];
        blockK = new int[blocks];
        blockLength = new int[blocks];
        for (int b = 0; b < blocks && length > 0; b++) {
            int d = b % depth.count();
            blockK[b] = b / depth.count() * length + depth.start(d);
            blockAt[b] = tapped ? 0 : tapAt[blockK[b]];
            blockLength[b] = depth.size(d);
        }
        boolean whole = blocks == 1;
        isBeside = !whole && oc % VL != 0;
        if (isBeside) {
            tiling = Tiling.of(machine.type(), m, Math.ceilDiv(oc, VL) * VL);
        }
        product = TileProduct.tabled(
                machine.compiled(), tiling, tapped, blocks, whole ? epilogue : Expr.input(0),
                whole ? extras : Extras.NONE);
        passes = whole || epilogue.equals(Expr.input(0))
                ? null
                : new Passes(machine.compiled(), machine.type(), epilogue, extras.kinds());
        Split columns = tiling.columns();
        for (int j = 0; j < columns.count() && passes != null; j++) {
            passes.add(columns.size(j), isTail(j));
        }
    }

    /// True when panel `j` is summed up beside the results, since its last vector is partly outside.
    private boolean isTail(int j) {
        return isBeside && j == product.tiling().columns().count() - 1;
    }

    /// The length of the runs of taps side by side that all taps fall into.
    private static int run(int[] tapAt) {
        int run = 0;
        while (run < tapAt.length && tapAt[run] == run) {
            run++;
        }
        while (run > 1 && (tapAt.length % run != 0 || !isRuns(tapAt, run))) {
            run--;
        }
        return run;
    }

    private static boolean isRuns(int[] tapAt, int run) {
        for (int p = 0; p < tapAt.length; p++) {
            if (tapAt[p] != tapAt[p - p % run] + p % run) {
                return false;
            }
        }
        return true;
    }

    /// Images as A, less than 2 GiB of them: a buffer of all their elements and of nothing behind them, since what they lie in
    /// may be longer than a buffer can be.
    static FloatBuffer elements(View x) {
        return x.segment().asSlice(x.offset(), extent(x)).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
    }

    /// Bytes from the first element to the end of the last.
    static long extent(View v) {
        long last = 0;
        for (int d = 0; d < v.rank(); d++) {
            last += (v.dim(d) - 1L) * v.stride(d);
        }
        return v.count() == 0 ? 0 : 4 * (last + 1);
    }

    /// Pixels as rows, outputs as columns.
    Tiling tiling() {
        return product.tiling();
    }

    /// Scratch memory that [#run] needs for so many tiles of pixels.
    long besideBytes(int tiles) {
        Tiling tiling = product.tiling();
        int last = Math.max(0, tiling.columns().count() - 1);
        return isBeside ? (long) tiles * tiling.rows().largest() * tiling.columns().size(last) * BYTES : 0;
    }

    /// The arguments of one worker.
    ///
    /// @param rowAt where the terms of each pixel begin
    Tile tile(int[] rowAt) {
        Tile tile = new Tile();
        extras.attach(tile);
        tile.rowAt = rowAt;
        tile.tapAt = tapAt;
        tile.b = weights;
        return tile;
    }

    /// Tiles of pixels `i0 … i1 − 1`, panels of outputs `j0 … end − 1`. In `tile` the caller has set A, `c` and `cRow`.
    ///
    /// @param base element of A that the tables count from
    /// @param to byte of the first pixel's first output
    /// @param matrix which matrix of the epilogue's operands
    /// @param beside byte in `scratch` from which on [#besideBytes] are free
    void run(
            Tile tile, int base, int i0, int i1, int j0, int end, long to, int matrix, MemorySegment scratch,
            long beside) {
        boolean several = blockAt.length > 1;
        int panels = product.tiling().columns().count();
        MemorySegment c = tile.c;
        long cRow = tile.cRow;
        // Rows that are copied are copied for as many panels as can be.
        int together = product.isCopied() ? isBeside ? panels - 1 : panels : 1;
        for (int j = j0, j1; j < end; j = j1) {
            boolean apart = isTail(j);
            j1 = Math.min(end, j < together ? together : j + 1);
            long at = to;
            if (apart) {
                tile.c = scratch;
                tile.cRow = (long) product.tiling().columns().size(j) * BYTES;
                int row = product.tiling().rows().start(i0);
                ChannelsLast.zero(scratch, beside, (product.tiling().rows().start(i1) - row) * tile.cRow);
                at = beside - row * tile.cRow - (long) product.tiling().columns().start(j) * BYTES;
            } else if (several) {
                zero(tile, i0, i1, j, j1, to);
            }
            for (int b = 0; b < blockAt.length; b++) {
                tile.k = blockLength[b];
                product.run(
                        tile, Part.of(b, blockAt.length), i0, i1, j, j1, base + blockAt[b], 0, k, blockK[b],
                        at, several ? Extras.NONE : extras, matrix);
            }
            if (apart) {
                tile.c = c;
                tile.cRow = cRow;
                copyBack(tile, i0, i1, j, scratch, beside, to);
            }
            if (several) {
                for (int panel = j; panel < j1; panel++) {
                    finish(tile, i0, i1, panel, to, matrix);
                }
            }
        }
    }

    private void zero(Tile tile, int i0, int i1, int j0, int j1, long to) {
        Tiling tiling = product.tiling();
        long from = (long) tiling.columns().start(j0) * BYTES;
        long width = (long) tiling.columns().start(j1) * BYTES - from;
        for (int p = tiling.rows().start(i0); p < tiling.rows().start(i1); p++) {
            ChannelsLast.zero(tile.c, to + p * tile.cRow + from, width);
        }
    }

    /// The last panel of tiles `i0 … i1 − 1`, as far as there are outputs.
    private void copyBack(Tile tile, int i0, int i1, int j, MemorySegment scratch, long from, long to) {
        Tiling tiling = product.tiling();
        long row = (long) tiling.columns().size(j) * BYTES;
        long start = (long) tiling.columns().start(j) * BYTES;
        int p0 = tiling.rows().start(i0);
        for (int p = p0; p < tiling.rows().start(i1); p++) {
            MemorySegment.copy(
                    scratch, from + (p - p0) * row, tile.c, to + p * tile.cRow + start, 4L * oc - start);
        }
    }

    private void finish(Tile tile, int i0, int i1, int j, long to, int matrix) {
        Tiling tiling = product.tiling();
        boolean tail = isTail(j);
        MicroKernel pass = passes == null ? null : passes.kernel(tiling.columns().size(j), tail);
        if (pass == null) {
            return;
        }
        int row = tiling.rows().start(i0);
        int from = tiling.columns().start(j) * VL;
        tile.rows = tiling.rows().start(i1) - row;
        tile.vectors = tiling.columns().size(j);
        tile.tail = tail ? oc % VL : VL;
        tile.cOff = to + row * tile.cRow + 4L * from;
        extras.place(tile, matrix, row, from);
        pass.run(tile);
    }
}
