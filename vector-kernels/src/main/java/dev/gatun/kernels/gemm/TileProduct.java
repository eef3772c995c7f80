package dev.gatun.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The macro-kernel: runs micro-kernels over a range of row tiles and a range of panels, for one block of k.
///
/// maths: C[rows, panels] = or += A[rows, block of k] · B[block of k, panels].
/// layout: A rows any stride apart, elements of a row side by side; B as [Right] says, panel j beginning at
/// `columns.start(j)` vectors times the rows that a panel has; C rows any stride apart, elements of a row side by side.
/// blocking and why: panel by panel, so that one panel of B stays in the first-level cache for all rows; rows that are
/// copied ([Tiling#isCopied]) tile by tile, so that one copy does for all panels.
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

        /// Which part block `i` of `count` is.
        public static Part of(int i, int count) {
            if (count == 1) {
                return ONLY;
            }
            return i == 0 ? FIRST : i == count - 1 ? LAST : MIDDLE;
        }
    }

    /// How sums are cut.
    public enum Cut {
        /// Into one block.
        NONE,
        /// Into several, which every run does all of: a tile holds its sums between them.
        INSIDE,
        /// Into several, of which a run does some: the sums lie in C between the runs.
        APART;

        /// Into so many, all of which every run does.
        public static Cut of(int blocks) {
            return blocks > 1 ? INSIDE : NONE;
        }
    }

    /// How B lies.
    public enum Right {
        /// As it is, rows any stride apart.
        PLAIN,
        /// In packed panels, whose rows follow each other: row p has the vectors of the panel side by side.
        ROWS,
        /// In packed panels, whose vectors follow each other: each vector of columns has its rows side by side, so that a
        /// tile reads as many streams as it has vectors. Out of a far cache or memory that is up to a third faster than one
        /// stream, since the processor fetches each of them ahead, and nowhere slower (docs/kernels-gemm.md).
        COLUMNS
    }

    // Bytes of C from which on the next tile is fetched ahead: with old values to wait for, and with none.
    private static final long FAR_OLD = 512 << 10;
    private static final long FAR = 8 << 20;

    private final Tiling tiling;
    private final Right right;
    private final MicroShape.Rows left;
    private final boolean copied;
    private final int tail;
    private final TileKernels kernels;

    /// Compiles what sums with this cut need. The result is `epilogue(beta·C + A·B)`. Several blocks begin with a tile of
    /// zeros or the old C, so that one kernel does for all of them: each takes the JIT compiler a third of a second.
    public TileProduct(
            MicroKernels compiled, Tiling tiling, Right right, double beta, Cut cut, Expr epilogue, Extras extras) {
        this(compiled, tiling, right, MicroShape.Rows.EVEN, beta, cut, epilogue, extras);
    }

    /// With panels of [Right#COLUMNS] and A where the tile's tables say: row i at entry i of `rowAt`, where
    /// `tapped` is set column p at entry p of `tapAt`.
    public static TileProduct tabled(
            MicroKernels compiled, Tiling tiling, boolean tapped, Cut cut, Expr epilogue, Extras extras) {
        MicroShape.Rows left = tapped ? MicroShape.Rows.TAPPED : MicroShape.Rows.TABLED;
        return new TileProduct(compiled, tiling, Right.COLUMNS, left, 0, cut, epilogue, extras);
    }

    private TileProduct(
            MicroKernels compiled, Tiling tiling, Right right, MicroShape.Rows left, double beta, Cut cut,
            Expr epilogue, Extras extras) {
        this.tiling = tiling;
        this.right = right;
        this.left = left;
        tail = tiling.tail();
        copied = isCopied(tiling, left == MicroShape.Rows.TAPPED);
        kernels = new TileKernels(
                compiled, tiling, right, copied ? MicroShape.Rows.COPIED : left, beta,
                copied && cut == Cut.INSIDE ? Cut.APART : cut, epilogue, extras.kinds());
    }

    /// The tiles.
    public Tiling tiling() {
        return tiling;
    }

    /// Whether products of these tiles copy their rows of A; with 16 registers, those whose columns lie where a table says
    /// always.
    public static boolean isCopied(Tiling tiling, boolean tapped) {
        return tiling.isCopied() || (tapped && !tiling.type().manyRegisters());
    }

    /// True when each run copies the rows of A that it reads: then it takes at most [Tile#TERMS] terms, and is best given
    /// many panels.
    public boolean isCopied() {
        return copied;
    }

    /// Panels that are computed at once: ranges of multiples of them are the quickest.
    public int together() {
        return kernels.together();
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
        boolean fresh = part == Part.ONLY || part == Part.FIRST;
        run(
                tile, fresh, part == Part.ONLY || part == Part.LAST, tile.k, Blocks.NONE, 0, 0, i0, i1, j0, j1, aBase,
                bBase, panelRows, p0, cBase, extras, batch);
    }

    /// The same for blocks `q0 … q1 − 1` of a sum, one after the other on each tile of C, which holds the sums between them.
    /// Sets the tile's `k`; `aBase` and `p0` belong to block `q0`. Packed B only; where [#isCopied], one block at a time.
    public void run(
            Tile tile, Blocks blocks, int q0, int q1, int i0, int i1, int j0, int j1, int aBase, long bBase,
            int panelRows, int p0, long cBase, Extras extras, int batch) {
        run(
                tile, q0 == 0, q1 == blocks.count(), blocks.size(q0), blocks, q0 + 1, q1, i0, i1, j0, j1, aBase, bBase,
                panelRows, p0, cBase, extras, batch);
    }

    /// The same for all blocks, the first of which begins at `aBase` and at row 0 of the panels. Where rows are copied, block
    /// after block on all tiles; else all blocks on each tile.
    public void run(
            Tile tile, Blocks blocks, int i0, int i1, int j0, int j1, int aBase, long bBase, int panelRows,
            long cBase, Extras extras, int batch) {
        int most = copied ? 1 : blocks.count();
        for (int q = 0; q < blocks.count(); q += most) {
            run(
                    tile, blocks, q, q + most, i0, i1, j0, j1, aBase + blocks.a(q), bBase, panelRows, blocks.b(q),
                    cBase,
                    extras, batch);
        }
    }

    /// A block of `k` terms, the first of its sum if `fresh`, then blocks `q0 … q1 − 1`, the end of it if `isLast`.
    private void run(
            Tile tile, boolean fresh, boolean isLast, int k, Blocks blocks, int q0, int q1, int i0, int i1, int j0,
            int j1, int aBase, long bBase, int panelRows, int p0, long cBase, Extras extras, int batch) {
        if (copied) {
            checkCopied(k, 1 + q1 - q0);
        }
        Split rows = tiling.rows();
        int tall = rows.largest();
        tile.tail = tail;
        int wide = kernels.together() > 1 ? Math.min(kernels.whole(), j1) : 0;
        boolean clears = fresh && kernels.clears();
        boolean far = tiling.m() * tile.cRow > (fresh ? FAR : FAR_OLD);
        // Rows of A that were copied are used for all panels; else a panel stays near for all rows.
        int outer = copied ? i1 - i0 : j1 - j0;
        int inner = copied ? j1 - j0 : i1 - i0;
        int current = -1;
        int taken = 1;
        int width = 0;
        PanelKernels panel = null;
        for (int x = 0; x < outer; x += copied ? 1 : taken) {
            for (int y = 0; y < inner; y += copied ? taken : 1) {
                int i = i0 + (copied ? x : y);
                int j = j0 + (copied ? y : x);
                if (j != current || panel == null) {
                    current = j;
                    taken = j + kernels.together() <= wide ? kernels.together() : 1;
                    panel = taken > 1 ? kernels.wide() : kernels.panel(j);
                    tile.vectors = panel.vectors();
                    width = tiling.columns().size(j);
                }
                int first = rows.start(i);
                long column = tiling.columns().start(j);
                place(tile, first, column, aBase, bBase, panelRows, p0, cBase, width);
                tile.rows = rows.size(i);
                extras.place(tile, batch, first, column * tiling.type().lanes());
                if (far && !copied && i + 1 < i1) {
                    fetch(tile, tile.cOff + tile.rows * tile.cRow, rows.size(i + 1));
                }
                tile.k = k;
                if (copied && y == 0) {
                    CopiedRows.copy(tile, left, tiling.type().dtype());
                }
                boolean lower = tile.rows < tall;
                MicroKernel before = panel.before(fresh);
                if (before != null) {
                    before.run(tile);
                } else if (clears) {
                    tile.clear(tiling.type(), tile.rows * tile.vectors);
                }
                (fresh ? panel.first() : panel.next()).of(lower).run(tile);
                if (q1 > q0) {
                    more(tile, width, blocks, q0, q1, panel.next().of(lower));
                }
                MicroKernel after = panel.after(isLast);
                if (after != null) {
                    after.run(tile);
                }
            }
        }
    }

    /// Sets where the tile of rows from `first` on and vectors from `column` on lies, of a panel of `width` vectors.
    private void place(
            Tile tile, int first, long column, int aBase, long bBase, int panelRows, int p0, long cBase, int width) {
        int bytes = tiling.type().bytes();
        tile.aOff = left == MicroShape.Rows.EVEN ? aBase + first * tile.aRow : aBase;
        tile.row = first;
        tile.tap = p0;
        if (right == Right.PLAIN) {
            tile.bOff = bBase + column * bytes;
        } else {
            long step = stepOfB(width);
            tile.bOff = bBase + column * bytes * panelRows + p0 * step;
            // From one stream of B to the next: of single vectors, or of panels taken together.
            tile.bRow = panelRows * step;
        }
        tile.cOff = cBase + first * tile.cRow + column * bytes;
    }

    /// Bytes from one row of packed B to the next, in a panel of `vectors` vectors.
    private long stepOfB(int vectors) {
        return right == Right.COLUMNS ? tiling.type().bytes() : (long) vectors * tiling.type().bytes();
    }

    private static void checkCopied(int k, int blocks) {
        if (k > Tile.TERMS || blocks > 1) {
            throw new IllegalStateException(
                    "product: copied rows have one block of at most " + Tile.TERMS + " terms: " + blocks + " of " + k);
        }
    }

    /// The further blocks of a tile, which holds the sums meanwhile; apart, so that the loop over single blocks stays small.
    private void more(Tile tile, int width, Blocks blocks, int q0, int q1, MicroKernel kernel) {
        long row = stepOfB(width);
        for (int q = q0; q < q1; q++) {
            int down = blocks.b(q) - blocks.b(q - 1);
            tile.tap += down;
            tile.aOff += blocks.a(q) - blocks.a(q - 1);
            tile.bOff += down * row;
            tile.k = blocks.size(q);
            kernel.run(tile);
        }
    }

    /// Reads an element of every line of the next tile of C, so that it comes nearer while the sums of this one run. A
    /// kernel begins with its old C, right behind the mispredicted end of the loop before: alone it would wait for all of
    /// the way to memory, some 200 ns for rows that lie in six pages.
    private void fetch(Tile tile, long at, int rows) {
        MemorySegment c = OffHeap.of(tile.c);
        int seen = 0;
        int step = tiling.type().bytes();
        int width = step * (tile.vectors - 1) + tiling.type().dtype().bytes();
        for (int i = 0; i < rows; i++) {
            for (int b = 0; b < width; b += step) {
                seen ^= c.get(JAVA_INT_UNALIGNED, at + b);
            }
            at += tile.cRow;
        }
        tile.seen = seen;
    }
}
