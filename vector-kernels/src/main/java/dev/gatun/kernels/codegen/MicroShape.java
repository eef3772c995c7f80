package dev.gatun.kernels.codegen;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Everything that is compiled into a product's [MicroKernel]; equal shapes share one class.
///
/// @param type element and vector width
/// @param rows rows of the tile
/// @param vectors vectors per row of the tile
/// @param packedB B is a packed panel: rows of exactly `vectors` vectors, padded
/// @param tail the last vector of a row is partly outside C; B is read in whole vectors all the same, because a masked
///     load in the loop has so many cases that C1 gives up on the method: its rows must be padded or followed by memory
/// @param accumulate the sums begin with the old C
/// @param epilogue what is stored, input 0 being the finished sum; `Expr.input(0)` for the sum itself
/// @param extras the epilogue's inputs 1 …
public record MicroShape(
        VectorType type,
        int rows,
        int vectors,
        boolean packedB,
        boolean tail,
        boolean accumulate,
        Expr epilogue,
        List<Extra> extras) {
    /// More memory accesses than this in one method and C1 may give up on it, which can leave it slow for ever
    /// (docs/kernels-gemm.md).
    private static final int ACCESSES = 45;

    /// How an operand of the epilogue lies.
    public enum Extra {
        /// One element per column, the same for all rows (a bias per column).
        COLUMNS,
        /// One element per row (a bias per row), or one for all.
        ROWS,
        /// One element per element of C.
        FULL
    }

    /// Copies the list.
    public MicroShape {
        extras = List.copyOf(extras);
    }

    /// The rule that decides where an epilogue is computed: on the accumulators when it is cheap and its operands fit
    /// into one compiled method beside the sums, else in a pass over each tile just stored.
    public static boolean fits(int rows, int vectors, Expr epilogue, List<Extra> extras) {
        int accesses = rows * vectors + rows + vectors;
        for (Extra extra : extras) {
            accesses += switch (extra) {
                case COLUMNS -> vectors;
                case ROWS -> rows;
                case FULL -> rows * vectors;
            };
        }
        return accesses <= ACCESSES && ExprLowering.isCheap(epilogue);
    }
}
