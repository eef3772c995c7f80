package dev.gatun.kernels.codegen;

import dev.gatun.kernels.expr.Expr;

/// Everything that is compiled into the [MicroKernel] of a filter of `height × width` taps on one plane.
///
/// @param type element and vector width
/// @param grid the taps
/// @param rows rows of the result that are computed at once
/// @param epilogue what is stored, input 0 being the finished sum; its other inputs are one number per plane
/// @param extras how many inputs it has beside the sum
public record StencilShape(VectorType type, Grid grid, int rows, Expr epilogue, int extras) {
    /// Bytes from one row of a staged plane to the next. Fixed, so that all addresses of a tile differ by constants and need
    /// one register; an odd multiple of the cache line, so that rows do not compete for the
    /// same lines of the first-level cache.
    public static final int PITCH = 576;
    /// More memory accesses than this in one method and C1 may give up on it: this is what a body with many
    /// multiply-adds beside them was seen to allow.
    private static final int ACCESSES = 36;
    /// Written out they are as many calls to inline, and a process with many types needs twice the nodes for each: three
    /// rows at once are as fast as four.
    private static final int WRITTEN = 30;

    /// Taps: `stepDown` and `stepAcross` elements of the plane from one result to the next, `down` and `across` from one
    /// tap to the next. With a step of 2 across, a staged row is two of [#PITCH] bytes: its even columns, its odd ones.
    ///
    /// @param height rows of the filter
    /// @param width taps of a row
    public record Grid(int stepDown, int stepAcross, int height, int width, int down, int across) {
        /// Bytes from one staged row to the next.
        public int rowBytes() {
            return PITCH * stepAcross;
        }

        /// From the first element of a staged row to that for tap `v` of the first result.
        public int tapBytes(int v) {
            return v * across % stepAcross * PITCH + v * across / stepAcross * 4;
        }

        /// Loops over the columns of a large filter: even and odd ones apart where they lie apart.
        int phases() {
            return across % stepAcross == 0 ? 1 : stepAcross;
        }

        /// Rows of the plane that `rows` rows of the result reach over, every `down`-th.
        int reach(int rows) {
            return (rows - 1) * stepDown + height;
        }

        /// True when one of `rows` rows of the result meets row `i` of the plane.
        boolean isRead(int i, int rows) {
            for (int r = 0; r < rows; r++) {
                if (tapRow(i, r) >= 0) {
                    return true;
                }
            }
            return false;
        }

        /// The row of the filter by which row `r` of the result meets row `i` of the plane, −1 when none.
        int tapRow(int i, int r) {
            int u = i - r * stepDown;
            return u >= 0 && u < height ? u : -1;
        }
    }

    /// The kernel that computes the most rows at once, up to four: each row of the plane that it loads is then used by as
    /// many rows of the result as the filter reaches. Rows of the result are `down` apart where that is not 1.
    public static StencilShape of(VectorType type, Grid grid, Expr epilogue, int extras) {
        for (boolean unrolled : new boolean[] {true, false}) {
            for (int rows = 4; rows > 1; rows--) {
                StencilShape shape = new StencilShape(type, grid, rows, epilogue, extras);
                if (unrolled ? shape.isUnrolled() : shape.accesses(grid.phases()) <= ACCESSES) {
                    return shape;
                }
            }
        }
        return new StencilShape(type, grid, 1, epilogue, extras);
    }

    /// True when all taps are written out, their weights held in registers; else a loop goes over the columns of the
    /// filter.
    boolean isUnrolled() {
        return grid.height * grid.width <= 12 && accesses(grid.width) <= WRITTEN;
    }

    /// Memory accesses in a body of this many columns of taps.
    private int accesses(int columns) {
        int loads = 0;
        for (int i = 0; i < grid.reach(rows); i++) {
            loads += grid.isRead(i, rows) ? columns : 0;
        }
        return loads + grid.height * columns + rows + extras;
    }
}
