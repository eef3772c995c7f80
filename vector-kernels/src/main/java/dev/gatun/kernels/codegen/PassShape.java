package dev.gatun.kernels.codegen;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Everything that is compiled into the [MicroKernel] of a pass over tiles, `to = epilogue(from, extras…)`; equal shapes
/// share one class. It reads [Tile#rows] and [Tile#vectors], and with a tail [Tile#tail].
///
/// @param type element and vector width
/// @param from where input 0 comes from
/// @param to where the result goes
/// @param vectors per row, as [#width] says; [#ANY_WIDTH] for a loop over them
/// @param tail the last vector of a row is partly outside C
/// @param epilogue the program
/// @param extras its inputs 1 …
public record PassShape(
        VectorType type, Place from, Place to, int vectors, boolean tail, Expr epilogue, List<Extra> extras) {
    /// In place of a width: a loop over the vectors of a row.
    public static final int ANY_WIDTH = 0;
    /// Of memory, in one method: C1 gives up beyond some thirty-five, masked ones counting as six.
    private static final int MOST_ACCESSES = 20;

    /// Where the elements of a tile lie.
    public enum Place {
        /// In C.
        C,
        /// In the array of the [Tile].
        HELD
    }

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
    public PassShape {
        extras = List.copyOf(extras);
    }

    /// Over tiles of C with rows of any width.
    public static PassShape over(VectorType type, boolean tail, Expr epilogue, List<Extra> extras) {
        return new PassShape(type, Place.C, Place.C, ANY_WIDTH, tail, epilogue, extras);
    }

    /// True when it reads or writes what the tile holds, which is few rows.
    boolean isHeld() {
        return from == Place.HELD || to == Place.HELD;
    }

    /// The width to ask for: a kernel for one width only where the epilogue is cheap and has few operands. Then it has no loop
    /// over vectors, which costs more than three of them do; else written once for each vector it would be too much for C1.
    public static int width(int vectors, Expr epilogue, int extras) {
        return vectors * (2 + extras) <= MOST_ACCESSES && ExprLowering.isCheap(epilogue) ? vectors : ANY_WIDTH;
    }
}
