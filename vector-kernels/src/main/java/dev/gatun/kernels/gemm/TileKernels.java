package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.TileProduct.Part;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The compiled kernels of a [TileProduct]: for each part of a sum those of the tiles that there are, of at most two
/// heights and two widths, with and without a tail; and what runs before and after them where an epilogue or a factor of
/// the old C does not fit into them.
final class TileKernels {
    private final Passes passes;
    private final Passes scalings;
    private final @Nullable MicroKernel[][] kernels = new @Nullable MicroKernel[Part.values().length][];
    private final @Nullable MicroKernel[] wide = new @Nullable MicroKernel[Part.values().length];
    private final int whole;
    private final int together;

    TileKernels(
            MicroKernels compiled, Tiling tiling, TileProduct.Right right, MicroShape.Rows left, double beta,
            int blocks, Expr epilogue, List<MicroShape.Extra> extras) {
        boolean[] fits = {fits(tiling, false, left, epilogue, extras), fits(tiling, true, left, epilogue, extras)};
        whole = whole(tiling);
        boolean packed = right != TileProduct.Right.PLAIN;
        together = packed && left == MicroShape.Rows.EVEN ? together(tiling, epilogue, extras) : 1;
        boolean scaled = beta != 0 && beta != 1;
        passes = new Passes(compiled, tiling.type(), epilogue, extras);
        scalings = new Passes(compiled, tiling.type(), Expr.input(0).times(beta), List.of());
        for (int j = 0; j < tiling.columns().count(); j++) {
            boolean tail = tiling.hasTail(j);
            int vectors = tiling.columns().size(j);
            if (!fits[tail ? 1 : 0]) {
                passes.add(vectors, tail);
            }
            if (scaled) {
                scalings.add(vectors, tail);
            }
        }
        if (together > 1) {
            int vectors = tiling.columns().largest() * together;
            if (!fits[0]) {
                passes.add(vectors, false);
            }
            if (scaled) {
                scalings.add(vectors, false);
            }
        }
        for (int i = 0; i < Math.clamp(blocks, 1, 3); i++) {
            Part part = Part.of(i == 2 ? blocks - 1 : i, Math.max(blocks, 1));
            @Nullable
            MicroKernel[] row = new @Nullable MicroKernel[8];
            for (int s = 0; s < 8; s++) {
                int rows = tiling.rows().largest() - (s & 1);
                int vectors = tiling.columns().largest() - (s >> 1 & 1);
                boolean ends = (s & 4) != 0;
                boolean finish = part.isLast() && fits[s >> 2];
                if (needed(tiling, rows, vectors, ends)) {
                    row[s] = compiled.product(new MicroShape(
                            tiling.type(), rows, vectors, panel(right, vectors), packed, ends, left, i > 0 || beta != 0,
                            finish ? epilogue : Expr.input(0), finish ? extras : List.of()));
                }
            }
            kernels[part.ordinal()] = row;
            if (together > 1) {
                boolean finish = part.isLast() && fits[0];
                int vectors = tiling.columns().largest();
                wide[part.ordinal()] = compiled.product(new MicroShape(
                        tiling.type(), tiling.m(), vectors * together, panel(right, vectors), true, false, left,
                        i > 0 || beta != 0,
                        finish ? epilogue : Expr.input(0), finish ? extras : List.of()));
            }
        }
    }

    /// Vectors of B that lie side by side.
    private static int panel(TileProduct.Right right, int vectors) {
        return right == TileProduct.Right.COLUMNS ? 1 : vectors;
    }

    /// Whether all tiles without, or with, a tail have the epilogue in them.
    private static boolean fits(
            Tiling tiling, boolean tail, MicroShape.Rows left, Expr epilogue, List<MicroShape.Extra> extras) {
        Split columns = tiling.columns();
        int vectors = tail && columns.count() > 0 ? columns.size(columns.count() - 1) : columns.largest();
        return MicroShape.fits(tiling.rows().largest(), vectors, tail, left, epilogue, extras);
    }

    /// True when no epilogue is left to a pass over what was stored.
    static boolean fits(Tiling tiling, Expr epilogue, List<MicroShape.Extra> extras) {
        return fits(tiling, false, MicroShape.Rows.EVEN, epilogue, extras)
                && (!tiling.hasTail(tiling.columns().count() - 1)
                        || fits(tiling, true, MicroShape.Rows.EVEN, epilogue, extras));
    }

    private static boolean needed(Tiling tiling, int rows, int vectors, boolean tail) {
        return has(tiling.rows(), rows) && hasPanel(tiling, vectors, tail);
    }

    private static boolean has(Split split, int size) {
        int n = split.count();
        return n > 0 && (split.size(0) == size || split.size(n - 1) == size);
    }

    private static boolean hasPanel(Tiling tiling, int vectors, boolean tail) {
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

    /// Panels of the larger width that belong to C as a whole; they come first.
    private static int whole(Tiling tiling) {
        Split columns = tiling.columns();
        int panels = 0;
        while (panels < columns.count() && columns.size(panels) == columns.largest() && !tiling.hasTail(panels)) {
            panels++;
        }
        return panels;
    }

    private int together(Tiling tiling, Expr epilogue, List<MicroShape.Extra> extras) {
        if (tiling.rows().count() != 1 || whole < 2) {
            return 1;
        }
        int vectors = tiling.columns().largest();
        int sums = tiling.type().manyRegisters() ? 16 : 8;
        int panels = Math.clamp(sums / (tiling.m() * vectors), 1, whole);
        return MicroShape.fits(tiling.m(), vectors * panels, false, epilogue, extras) ? panels : 1;
    }

    /// Panels that one tile takes where few rows make one row of tiles: enough for 16 sums, 8 where registers are few,
    /// which hides the latencies of multiply-adds and reads several streams of B at once. 1 where it is not done.
    int together() {
        return together;
    }

    /// The first so many panels may be taken together.
    int whole() {
        return whole;
    }

    /// For a tile of a panel, smaller than the largest by 0 or 1 rows and vectors.
    MicroKernel kernel(Part part, boolean lower, boolean narrower, boolean tail) {
        @Nullable
        MicroKernel[] row = Objects.requireNonNull(kernels[part.ordinal()]);
        return Objects.requireNonNull(row[(lower ? 1 : 0) | (narrower ? 2 : 0) | (tail ? 4 : 0)]);
    }

    /// For a tile of [#together] panels.
    MicroKernel wide(Part part) {
        return Objects.requireNonNull(wide[part.ordinal()]);
    }

    /// What multiplies the old C of a tile of so many vectors per row before this part.
    @Nullable
    MicroKernel before(Part part, int vectors, boolean tail) {
        return part == Part.ONLY || part == Part.FIRST ? scalings.kernel(vectors, tail) : null;
    }

    /// What applies the epilogue after this part.
    @Nullable
    MicroKernel after(Part part, int vectors, boolean tail) {
        return part.isLast() ? passes.kernel(vectors, tail) : null;
    }
}
