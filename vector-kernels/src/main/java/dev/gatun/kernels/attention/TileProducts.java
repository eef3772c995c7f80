package dev.gatun.kernels.attention;

import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.TileProduct;
import dev.gatun.kernels.gemm.TileProduct.Part;
import dev.gatun.kernels.gemm.Tiling;
import org.jspecify.annotations.Nullable;

/// Products of the row tiles of an operand (of at most two heights) with [Panels].
final class TileProducts {
    private final Panels panels;
    private final int largest;
    private final @Nullable TileProduct[] products = new @Nullable TileProduct[2];

    /// @param adds whether some products are added to what is in C
    TileProducts(MicroKernels compiled, VectorType type, Split rows, Panels panels, boolean adds) {
        this.panels = panels;
        largest = rows.largest();
        for (int i = 0; i < 2; i++) {
            int m = largest - i;
            if (m > 0 && rows.count() > 0 && (i == 0 || rows.size(rows.count() - 1) == m)) {
                Tiling tiling = Tiling.of(type, m, panels.width());
                products[i] = new TileProduct(
                        compiled, tiling, TileProduct.Right.COLUMNS, 0,
                        adds || tiling.isCopied() ? TileProduct.Cut.APART : TileProduct.Cut.NONE, Expr.input(0),
                        Extras.NONE);
            }
        }
    }

    /// `C = A·B` of the `rows` rows at element `a` of the tile's buffer and columns `j0 … j1 − 1`, in panels, of head
    /// `head`; or `C += A·B`. The sums are over the rows `p0 … p0 + k − 1` of the panels. The C of panel j0 begins at byte
    /// `c`. In `tile` stand buffer, segments and steps.
    void run(Tile tile, int rows, int a, int head, int j0, int j1, int p0, int k, long c, boolean add) {
        TileProduct product = products[largest - rows];
        if (product == null) {
            throw new IllegalStateException("attention: no product for " + rows + " rows");
        }
        long first = c - 4L * panels.column(j0);
        int most = product.isCopied() ? Tile.TERMS : Math.max(k, 1);
        for (int p = 0; p < k || p == 0; p += most) {
            tile.k = Math.min(most, k - p);
            product.run(
                    tile, add || p > 0 ? Part.LAST : Part.FIRST, 0, product.tiling().rows().count(), j0, j1, a + p,
                    panels.base(head), panels.rows(), p0 + p, first, Extras.NONE, 0);
        }
    }
}
