package dev.gatun.kernels.codegen;

import dev.gatun.kernels.codegen.StencilShape.Grid;
import org.jspecify.annotations.Nullable;

/// Everything that is compiled into the [MicroKernel] that sums up the gradient of a filter on one plane.
///
/// @param type element and vector width
/// @param grid the taps
/// @param columns columns of the filter that are summed at once: all of them, or one
/// @param rows rows of the results' gradient that are taken at once
public record StencilSumsShape(VectorType type, Grid grid, int columns, int rows) {
    /// More memory accesses in one method and C1 may give up on it.
    private static final int ACCESSES = 40;
    /// Sums that leave registers for the rows.
    private static final int SUMS = 12;

    /// The kernel of all columns where their sums stay in registers, else of one column; of the most rows up to four, which
    /// share the loads of the plane. Null where there is none.
    public static @Nullable StencilSumsShape of(VectorType type, Grid grid) {
        for (int columns : new int[] {grid.width(), 1}) {
            for (int rows = 4; rows > 0; rows--) {
                StencilSumsShape shape = new StencilSumsShape(type, grid, columns, rows);
                if (shape.fits()) {
                    return shape;
                }
            }
        }
        return null;
    }

    /// The kernel for what is left over: one row at a time.
    public StencilSumsShape ofOneRow() {
        return new StencilSumsShape(type, grid, columns, 1);
    }

    private boolean fits() {
        int loads = 0;
        for (int i = 0; i < grid.reach(rows); i++) {
            loads += grid.isRead(i, rows) ? columns : 0;
        }
        int sums = grid.height() * columns;
        return sums <= SUMS && loads + rows + 2 * sums <= ACCESSES;
    }
}
