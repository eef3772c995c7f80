package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PassShape.Place;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The compiled kernels of a [TileProduct]: those of the tiles that there are, of at most two heights and two widths, and
/// the passes that bring the old C into the tile before them and the sums from there to C after them. Sums go to C at once
/// where nothing is to be done with them.
final class TileKernels {
    /// By height and width; for tiles with a tail in the second row, which differ where the others go to C at once.
    private final @Nullable MicroKernel[][] first = new @Nullable MicroKernel[2][4];
    private final @Nullable MicroKernel[] next = new @Nullable MicroKernel[4];
    private final @Nullable MicroKernel wide;
    private final @Nullable Passes scaled;
    private final @Nullable Passes old;
    private final Passes part;
    private final Passes last;
    private final boolean direct;
    private final boolean clears;
    private final int whole;
    private final int together;

    TileKernels(
            MicroKernels compiled, Tiling tiling, TileProduct.Right right, MicroShape.Rows left, double beta,
            TileProduct.Cut cut, Expr epilogue, List<Extra> extras) {
        VectorType type = tiling.type();
        whole = whole(tiling);
        boolean packed = right != TileProduct.Right.PLAIN;
        together = packed && left == MicroShape.Rows.EVEN ? together(tiling) : 1;
        Expr sum = Expr.input(0);
        direct = cut == TileProduct.Cut.NONE && beta == 0 && epilogue.equals(sum);
        clears = cut != TileProduct.Cut.NONE && beta == 0;
        boolean apart = cut == TileProduct.Cut.APART;
        Expr start = beta == 1 ? sum : sum.times(beta);
        scaled = beta == 0 ? null : new Passes(compiled, type, Place.C, Place.HELD, start, List.of());
        old = !apart ? null : new Passes(compiled, type, Place.C, Place.HELD, sum, List.of());
        part = new Passes(compiled, type, Place.HELD, Place.C, sum, List.of());
        last = new Passes(compiled, type, Place.HELD, Place.C, epilogue, extras);
        widths(tiling, (vectors, tail) -> {
            if (scaled != null) {
                scaled.add(vectors, tail);
            }
            if (old != null) {
                old.add(vectors, tail);
                part.add(vectors, tail);
            }
            if (!direct || tail) {
                last.add(vectors, tail);
            }
        });
        for (int s = 0; s < 8; s++) {
            int rows = tiling.rows().largest() - (s & 1);
            int vectors = tiling.columns().largest() - (s >> 1 & 1);
            boolean tail = (s & 4) != 0;
            if (has(tiling.rows(), rows) && hasPanel(tiling, vectors, tail)) {
                int panel = panel(right, vectors);
                first[s >> 2][s & 3] = compiled.product(new MicroShape(
                        type, rows, vectors, panel, packed, left, clears || beta != 0, tail || !direct));
                if (cut != TileProduct.Cut.NONE) {
                    next[s & 3] =
                            compiled.product(new MicroShape(type, rows, vectors, panel, packed, left, true, true));
                }
            }
        }
        int vectors = tiling.columns().largest();
        wide = together == 1
                ? null
                : compiled.product(new MicroShape(
                        type, tiling.m(), vectors * together, panel(right, vectors), true, left,
                        clears || beta != 0, !direct));
    }

    /// The vectors per row of all tiles, with whether the last is partly outside C.
    private void widths(Tiling tiling, BiConsumer<Integer, Boolean> width) {
        for (int j = 0; j < tiling.columns().count(); j++) {
            width.accept(tiling.columns().size(j), tiling.hasTail(j));
        }
        if (together > 1) {
            width.accept(tiling.columns().largest() * together, false);
        }
    }

    /// Vectors of B that lie side by side.
    private static int panel(TileProduct.Right right, int vectors) {
        return right == TileProduct.Right.COLUMNS ? 1 : vectors;
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

    private int together(Tiling tiling) {
        if (tiling.rows().count() != 1 || whole < 2) {
            return 1;
        }
        int sums = tiling.type().manyRegisters() ? 16 : 8;
        return Math.clamp(sums / (tiling.m() * tiling.columns().largest()), 1, whole);
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

    /// True when the kernels of the first block begin with what the tile holds, which has to be zeros then.
    boolean clears() {
        return clears;
    }

    /// What brings the old C into the tile before the first block of a sum, or before a further one; null where sums begin
    /// with zeros.
    @Nullable
    Passes before(boolean isFirst) {
        return isFirst ? scaled : old;
    }

    /// For the first block of a tile, smaller than the largest by 0 or 1 rows and vectors.
    MicroKernel first(boolean lower, boolean narrower, boolean tail) {
        return Objects.requireNonNull(first[tail ? 1 : 0][(lower ? 1 : 0) | (narrower ? 2 : 0)]);
    }

    /// For further blocks: they go on with what the tile holds.
    MicroKernel next(boolean lower, boolean narrower) {
        return Objects.requireNonNull(next[(lower ? 1 : 0) | (narrower ? 2 : 0)]);
    }

    /// For the first block of a tile of [#together] panels.
    MicroKernel wide() {
        return Objects.requireNonNull(wide);
    }

    /// What brings the sums from the tile to C after a block, the last of its sum or not; null where they are there.
    @Nullable
    Passes after(boolean isLast, boolean tail) {
        return direct && !tail ? null : isLast ? last : part;
    }
}
