package dev.gatun.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The macro-kernel: runs micro-kernels over a range of row tiles and a range of panels, for one block of k.
///
/// maths: C[rows, panels] = or += A[rows, block of k] · B[block of k, panels].
/// layout: A rows any stride apart, elements of a row side by side; B packed panels (row p of panel j holds its
/// vectors, the rows of a panel follow each other, panel j begins at `columns.start(j)` vectors times the rows a panel
/// has) or plain rows; C rows any stride apart, elements of a row side by side.
/// blocking and why: panel by panel, so that one panel of B stays in the first-level cache for all rows.
/// registers: see the micro-kernel.
/// evidence: docs/kernels-gemm.md.
///
/// Immutable and shared by threads; each has its own [Tile].
public final class TileProduct {
    /// What a block of k does with C: the parts of a long sum add up in C. `FIRST` begins (with `beta` times the old C
    /// where that is wanted), `MIDDLE` adds, `LAST` adds and applies the epilogue, `ONLY` does it all.
    public enum Part {
        /// The whole sum.
        ONLY,
        /// The first of several blocks.
        FIRST,
        /// Neither first nor last.
        MIDDLE,
        /// The last of several blocks.
        LAST;

        /// True when the sum is complete after this part.
        public boolean isLast() {
            return this == ONLY || this == LAST;
        }

        /// Which part block `i` of `count` is.
        public static Part of(int i, int count) {
            if (count == 1) {
                return ONLY;
            }
            return i == 0 ? FIRST : i == count - 1 ? LAST : MIDDLE;
        }
    }

    // Bytes of C from which on the next tile is fetched ahead: with old values to wait for, and with none.
    private static final long FAR_OLD = 512 << 10;
    private static final long FAR = 8 << 20;
    private static final Split ONE = new Split(1, 1);

    private final Tiling tiling;
    private final boolean packedB;
    private final MicroShape.Rows left;
    private final int tail;
    private final int tailPanel;
    private final @Nullable MicroKernel[] passes;
    private final @Nullable MicroKernel[] scalings;
    private final @Nullable MicroKernel[][] kernels = new @Nullable MicroKernel[Part.values().length][];

    /// Compiles what the parts of a sum of `blocks` blocks need. The result is `epilogue(beta·C + A·B)`.
    public TileProduct(
            MicroKernels compiled, Tiling tiling, boolean packedB, double beta, int blocks, Expr epilogue,
            Extras extras) {
        this(compiled, tiling, packedB, MicroShape.Rows.EVEN, beta, blocks, epilogue, extras);
    }

    /// With packed panels and A where the tile's tables say: row i at entry i of `rowAt`, where `tapped` is set column p at
    /// entry p of `tapAt`.
    public static TileProduct tabled(
            MicroKernels compiled, Tiling tiling, boolean tapped, int blocks, Expr epilogue, Extras extras) {
        MicroShape.Rows left = tapped ? MicroShape.Rows.TAPPED : MicroShape.Rows.TABLED;
        return new TileProduct(compiled, tiling, true, left, 0, blocks, epilogue, extras);
    }

    private TileProduct(
            MicroKernels compiled, Tiling tiling, boolean packedB, MicroShape.Rows left, double beta, int blocks,
            Expr epilogue, Extras extras) {
        this.tiling = tiling;
        this.packedB = packedB;
        this.left = left;
        tail = tiling.tail();
        int last = tiling.columns().count() - 1;
        tailPanel = tiling.hasTail(last) ? last : -1;
        List<MicroShape.Extra> kinds = extras.kinds();
        boolean[] fits = {fits(tiling, false, epilogue, kinds), fits(tiling, true, epilogue, kinds)};
        passes = passes(compiled, epilogue, kinds);
        for (int t = 0; t < 2; t++) {
            if (fits[t]) {
                passes[t] = null;
            }
        }
        scalings = beta == 0 || beta == 1
                ? new @Nullable MicroKernel[2]
                : passes(compiled, Expr.input(0).times(beta), List.of());
        for (int i = 0; i < Math.clamp(blocks, 1, 3); i++) {
            Part part = Part.of(i == 2 ? blocks - 1 : i, Math.max(blocks, 1));
            @Nullable
            MicroKernel[] row = new @Nullable MicroKernel[8];
            for (int s = 0; s < 8; s++) {
                int rows = tiling.rows().largest() - (s & 1);
                int vectors = tiling.columns().largest() - (s >> 1 & 1);
                boolean tail = (s & 4) != 0;
                boolean finish = part.isLast() && fits[s >> 2];
                if (needed(rows, vectors, tail)) {
                    row[s] = compiled.product(new MicroShape(
                            tiling.type(), rows, vectors, packedB, tail, left, i > 0 || beta != 0,
                            finish ? epilogue : Expr.input(0),
                            finish ? kinds : List.of()));
                }
            }
            kernels[part.ordinal()] = row;
        }
    }

    /// Whether all tiles without, or with, a tail have the epilogue in them.
    private static boolean fits(Tiling tiling, boolean tail, Expr epilogue, List<MicroShape.Extra> kinds) {
        Split columns = tiling.columns();
        int vectors = tail && columns.count() > 0 ? columns.size(columns.count() - 1) : columns.largest();
        return MicroShape.fits(tiling.rows().largest(), vectors, tail, epilogue, kinds);
    }

    /// True when no epilogue is left to a pass over what was stored.
    public static boolean fits(Tiling tiling, Expr epilogue, List<MicroShape.Extra> kinds) {
        return fits(tiling, false, epilogue, kinds)
                && (!tiling.hasTail(tiling.columns().count() - 1) || fits(tiling, true, epilogue, kinds));
    }

    private @Nullable MicroKernel[] passes(MicroKernels compiled, Expr expr, List<MicroShape.Extra> kinds) {
        return new @Nullable MicroKernel[] {
            compiled.pass(tiling.type(), false, expr, kinds), compiled.pass(tiling.type(), true, expr, kinds)
        };
    }

    private boolean needed(int rows, int vectors, boolean tail) {
        return has(tiling.rows(), rows) && hasPanel(vectors, tail);
    }

    private static boolean has(Split split, int size) {
        int n = split.count();
        return n > 0 && (split.size(0) == size || split.size(n - 1) == size);
    }

    private boolean hasPanel(int vectors, boolean tail) {
        int n = tiling.columns().count();
        if (n == 0) {
            return false;
        }
        if (tail) {
            return tiling.hasTail(n - 1) && tiling.columns().size(n - 1) == vectors;
        }
        int whole = tiling.hasTail(n - 1) ? n - 1 : n;
        return whole > 0
                && (tiling.columns().size(0) == vectors || tiling.columns().size(whole - 1) == vectors);
    }

    /// The tiles.
    public Tiling tiling() {
        return tiling;
    }

    /// Computes row tiles `i0 … i1 − 1` of panels `j0 … j1 − 1`. In `tile` the caller has set buffer and segments, `aRow`,
    /// `cRow`, `k` (the length of this block) and, for unpacked B, `bRow`, with tables `rowAt` and
    /// `tapAt` instead of `aRow`; and has called [Extras#attach] once.
    ///
    /// @param aBase element of A's row 0 at the first p of this block, counted from the start of the tile's buffer (it
    ///     may lie before it when only later rows are there)
    /// @param bBase byte of panel 0, or of the first row of this block in an unpacked B
    /// @param panelRows rows that each packed panel has room for; not read for unpacked B
    /// @param p0 row of the packed panels that this block begins with; not read for unpacked B
    /// @param cBase byte of C's element (0, 0)
    /// @param extras the epilogue's operands
    /// @param batch which of their matrices
    public void run(
            Tile tile, Part part, int i0, int i1, int j0, int j1, int aBase, long bBase, int panelRows, int p0,
            long cBase, Extras extras, int batch) {
        run(tile, part, ONE, 0, 1, i0, i1, j0, j1, aBase, bBase, panelRows, p0, cBase, extras, batch);
    }

    /// The same for blocks `q0 … q1 − 1` of a sum cut by `depth`, one after the other on each tile of C, which stays in
    /// the first-level cache between them. Sets the tile's `k`; `aBase` and `p0` belong to block `q0`. Packed B only.
    public void run(
            Tile tile, Split depth, int q0, int q1, int i0, int i1, int j0, int j1, int aBase, long bBase,
            int panelRows, int p0, long cBase, Extras extras, int batch) {
        run(tile, Part.ONLY, depth, q0, q1, i0, i1, j0, j1, aBase, bBase, panelRows, p0, cBase, extras, batch);
    }

    private void run(
            Tile tile, Part given, Split depth, int q0, int q1, int i0, int i1, int j0, int j1, int aBase,
            long bBase, int panelRows, int p0, long cBase, Extras extras, int batch) {
        boolean one = depth == ONE;
        Part begin = one ? given : Part.of(q0, depth.count());
        @Nullable
        MicroKernel[] row = Objects.requireNonNull(kernels[begin.ordinal()]);
        Split rows = tiling.rows();
        Split columns = tiling.columns();
        int bytes = tiling.type().bytes();
        int lanes = tiling.type().lanes();
        int tall = rows.largest();
        tile.tail = tail;
        boolean far = tiling.m() * tile.cRow > (begin == Part.MIDDLE || begin == Part.LAST ? FAR_OLD : FAR);
        for (int j = j0; j < j1; j++) {
            long vector = columns.start(j);
            tile.vectors = columns.size(j);
            int wide = tile.vectors == columns.largest() ? 0 : 2;
            int last = j == tailPanel ? 4 : 0;
            MicroKernel before = begin == Part.ONLY || begin == Part.FIRST ? scalings[last >> 2] : null;
            MicroKernel after = begin.isLast() ? passes[last >> 2] : null;
            long bOff = packedB
                    ? bBase + vector * bytes * panelRows + (long) p0 * tile.vectors * bytes
                    : bBase + vector * bytes;
            for (int i = i0; i < i1; i++) {
                int first = rows.start(i);
                tile.rows = rows.size(i);
                tile.aOff = left == MicroShape.Rows.EVEN ? aBase + first * tile.aRow : aBase;
                tile.row = first;
                tile.tap = p0;
                tile.bOff = bOff;
                tile.cOff = cBase + first * tile.cRow + vector * bytes;
                extras.place(tile, batch, first, vector * lanes);
                if (far && i + 1 < i1) {
                    fetch(tile, cBase + rows.start(i + 1) * tile.cRow + vector * bytes, rows.size(i + 1));
                }
                int kind = wide | last | (tile.rows == tall ? 0 : 1);
                if (!one) {
                    tile.k = depth.size(q0);
                }
                if (before != null) {
                    before.run(tile);
                }
                Objects.requireNonNull(row[kind]).run(tile);
                if (after != null) {
                    after.run(tile);
                }
                if (q1 - q0 > 1) {
                    more(tile, depth, q0 + 1, q1, kind);
                }
            }
        }
    }

    /// The further blocks of a tile; apart, so that the loop over single blocks stays small.
    private void more(Tile tile, Split depth, int q0, int q1, int kind) {
        long row = (long) tile.vectors * tiling.type().bytes();
        for (int q = q0; q < q1; q++) {
            if (left == MicroShape.Rows.TAPPED) {
                tile.tap += tile.k;
            } else {
                tile.aOff += tile.k;
            }
            tile.bOff += tile.k * row;
            tile.k = depth.size(q);
            Part part = Part.of(q, depth.count());
            Objects.requireNonNull(Objects.requireNonNull(kernels[part.ordinal()])[kind]).run(tile);
            MicroKernel after = part.isLast() ? passes[kind >> 2] : null;
            if (after != null) {
                after.run(tile);
            }
        }
    }

    /// Reads an element of every line of the next tile of C, so that it comes nearer while the sums of this one run. A
    /// kernel begins with its old C, right behind the mispredicted end of the loop before: alone it would wait for all of
    /// the way to memory, some 200 ns for rows that lie in six pages.
    private void fetch(Tile tile, long at, int rows) {
        int seen = 0;
        int step = tiling.type().bytes();
        int width = step * (tile.vectors - 1) + tiling.type().dtype().bytes();
        for (int i = 0; i < rows; i++) {
            for (int b = 0; b < width; b += step) {
                seen ^= tile.c.get(JAVA_INT_UNALIGNED, at + b);
            }
            at += tile.cRow;
        }
        tile.seen = seen;
    }
}
