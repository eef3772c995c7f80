package dev.gatun.kernels.conv;

import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Blocks;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.Arrays;

/// Maths: `y[pixel, o] = epilogue(Σ_p x[rowAt[pixel] + tapAt[p]] · w[p, o])` for a range of pixels and of outputs.
/// Layout: results channels last; terms where a table says, in runs side by side or each for itself.
/// Blocking: sums by runs, long ones by the machine's depth, all blocks of a sum on each tile. Panel by panel, so that pixels
/// and a panel stay in the second-level cache. Sums are cut by shape alone: bits depend neither on threads nor on the batch.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class PixelSums {
    /// Shorter runs of numbers side by side are not worth a call of the kernel each.
    private static final int SHORT = 64;

    private final int k;
    private final int[] tapAt;
    private final MemorySegment weights;
    private final Extras extras;
    private final Blocks blocks;
    private final TileProduct product;

    /// For `m` pixels and weights as [PixelFilter#pack] left them.
    PixelSums(
            Machine machine, int m, int oc, int[] tapAt, MemorySegment weights, Expr epilogue, Extras extras) {
        this.k = tapAt.length;
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
        blocks = blocks(tapAt, tapped, length, depth);
        product = TileProduct.tabled(machine.compiled(), tiling, tapped, TileProduct.Cut.of(blocks.count()), epilogue,
                extras);
    }

    /// Each run of `length` taps cut by `depth`.
    private static Blocks blocks(int[] tapAt, boolean tapped, int length, Split depth) {
        int count = length == 0 ? 1 : tapAt.length / length * depth.count();
        int[] at = new int[count];
        int[] from = new int[count];
        int[] sizes = new int[count];
        for (int b = 0; b < count && length > 0; b++) {
            int d = b % depth.count();
            from[b] = b / depth.count() * length + depth.start(d);
            at[b] = tapped ? 0 : tapAt[from[b]];
            sizes[b] = depth.size(d);
        }
        return new Blocks(at, from, sizes);
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

    /// A table of rows with one entry more, the last one again: a tile may read a row that it has not.
    static int[] withSpare(int[] rowAt) {
        int[] more = Arrays.copyOf(rowAt, rowAt.length + 1);
        more[rowAt.length] = rowAt.length == 0 ? 0 : rowAt[rowAt.length - 1];
        return more;
    }

    /// The arguments of one worker.
    ///
    /// @param rowAt where the terms of each pixel begin, [with a spare][#withSpare]
    Tile tile(int[] rowAt) {
        Tile tile = new Tile();
        extras.attach(tile);
        tile.rowAt = rowAt;
        tile.tapAt = tapAt;
        tile.b = weights;
        return tile;
    }

    /// Tiles of pixels `i0 … i1 − 1`, panels of outputs `j0 … j1 − 1`. In `tile` the caller has set A, `c` and `cRow`.
    ///
    /// @param base element of A that the tables count from
    /// @param to byte of the first pixel's first output
    /// @param matrix which matrix of the epilogue's operands
    void run(Tile tile, int base, int i0, int i1, int j0, int j1, long to, int matrix) {
        product.run(tile, blocks, i0, i1, j0, j1, base, 0, k, to, extras, matrix);
    }
}
