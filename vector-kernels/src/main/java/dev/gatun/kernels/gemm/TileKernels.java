package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.codegen.PassShape;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PassShape.Place;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.PanelKernels.Pair;
import dev.gatun.kernels.gemm.TileProduct.Cut;
import dev.gatun.kernels.gemm.TileProduct.Right;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The compiled kernels of a [TileProduct]: those of the tiles that there are, of at most two heights and two widths, and
/// the passes that bring the old C into the tile before them and the sums from there to C after them. Sums go to C at once
/// where nothing is to be done with them.
final class TileKernels {
    private static final int SPARE = 50;

    private final MicroKernels compiled;
    private final Tiling tiling;
    private final Right right;
    private final MicroShape.Rows left;
    private final double beta;
    private final Cut cut;
    private final Expr epilogue;
    private final List<Extra> extras;
    private final int whole;
    private final int together;
    private final @Nullable PanelKernels larger;
    private final @Nullable PanelKernels smaller;
    private final @Nullable PanelKernels end;
    private final @Nullable PanelKernels wide;

    TileKernels(
            MicroKernels compiled, Tiling tiling, Right right, MicroShape.Rows left, double beta, Cut cut,
            Expr epilogue, List<Extra> extras) {
        this.compiled = compiled;
        this.tiling = tiling;
        this.right = right;
        this.left = left;
        this.beta = beta;
        this.cut = cut;
        this.epilogue = epilogue;
        this.extras = extras;
        Split columns = tiling.columns();
        int last = columns.count() - 1;
        boolean tail = tiling.hasTail(last);
        int most = columns.largest();
        whole = countWhole();
        int inner = tail ? last : columns.count();
        larger = whole > 0 ? panel(most, false, 1) : null;
        smaller = whole < inner ? panel(most - 1, false, 1) : null;
        end = tail ? panel(columns.size(last), true, 1) : null;
        together = right != Right.PLAIN && left == MicroShape.Rows.EVEN ? countTogether() : 1;
        wide = together > 1 ? panel(most, false, together) : null;
    }

    /// For `panels` panels of so many vectors each, the last of which is partly outside C where `tail` is set.
    private PanelKernels panel(int vectors, boolean tail, int panels) {
        boolean direct = cut == Cut.NONE && beta == 0 && epilogue.equals(Expr.input(0)) && !tail;
        boolean resumed = clears() || beta != 0;
        boolean apart = cut == Cut.APART;
        Expr sum = Expr.input(0);
        int width = vectors * panels;
        return new PanelKernels(
                width, products(vectors, panels, resumed, !direct),
                cut == Cut.NONE ? Pair.NONE : products(vectors, panels, true, true),
                beta == 0 ? null : pass(width, tail, Place.C, Place.HELD, beta == 1 ? sum : sum.times(beta), List.of()),
                apart ? pass(width, tail, Place.C, Place.HELD, sum, List.of()) : null,
                apart ? pass(width, tail, Place.HELD, Place.C, sum, List.of()) : null,
                direct ? null : pass(width, tail, Place.HELD, Place.C, epilogue, extras));
    }

    private Pair products(int vectors, int panels, boolean resumed, boolean held) {
        Split rows = tiling.rows();
        int tall = rows.largest();
        if (rows.count() == 0) {
            return Pair.NONE;
        }
        MicroKernel kernel = product(tall, vectors, panels, resumed, held);
        if (rows.size(rows.count() - 1) == tall) {
            return new Pair(kernel, null);
        }
        return new Pair(
                kernel, held && hasSpare() ? kernel : product(tall - 1, vectors, panels, resumed, held));
    }

    /// Whether lower tiles are computed as tall ones, whose last row is not looked at: where a table places the rows or
    /// they are copied, and they are so many that it costs less than two hundredths. A kernel less takes the JIT compiler a third of a second less.
    private boolean hasSpare() {
        int spare = tiling.rows().count() * tiling.rows().largest() - tiling.m();
        return left != MicroShape.Rows.EVEN && spare <= tiling.m() / SPARE;
    }

    private MicroKernel product(int rows, int vectors, int panels, boolean resumed, boolean held) {
        return compiled.product(new MicroShape(
                tiling.type(), rows, vectors * panels, right == Right.COLUMNS ? 1 : vectors, right != Right.PLAIN, left,
                resumed, held));
    }

    private MicroKernel pass(int vectors, boolean tail, Place from, Place to, Expr expr, List<Extra> operands) {
        int width = PassShape.width(vectors, expr, operands.size());
        return compiled.pass(new PassShape(tiling.type(), from, to, width, tail, expr, operands));
    }

    /// Panels of the larger width that belong to C as a whole; they come first.
    private int countWhole() {
        Split columns = tiling.columns();
        int panels = 0;
        while (panels < columns.count() && columns.size(panels) == columns.largest() && !tiling.hasTail(panels)) {
            panels++;
        }
        return panels;
    }

    private int countTogether() {
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
        return cut != Cut.NONE && beta == 0;
    }

    /// For the tiles of panel `j`.
    PanelKernels panel(int j) {
        return Objects.requireNonNull(j < whole ? larger : tiling.hasTail(j) ? end : smaller);
    }

    /// For tiles of [#together] panels.
    PanelKernels wide() {
        return Objects.requireNonNull(wide);
    }
}
