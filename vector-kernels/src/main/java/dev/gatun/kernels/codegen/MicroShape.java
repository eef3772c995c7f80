package dev.gatun.kernels.codegen;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Everything that is compiled into a product's [MicroKernel]; equal shapes share one class.
///
/// @param type element and vector width
/// @param rows rows of the tile
/// @param vectors vectors per row of the tile
/// @param panel vectors per row of one packed panel: fewer than `vectors` where a tile takes several panels side by side,
///     which lie [Tile#bRow] apart; not read for unpacked B
/// @param packedB B is a packed panel: rows of exactly `panel` vectors, padded
/// @param tail the last vector of a row is partly outside C; B is read in whole vectors all the same, because a masked
///     load in the loop has so many cases that C1 gives up on the method: its rows must be padded or followed by memory
/// @param left how A lies
/// @param accumulate the sums begin with the old C
/// @param epilogue what is stored, input 0 being the finished sum; `Expr.input(0)` for the sum itself
/// @param extras the epilogue's inputs 1 …
public record MicroShape(
        VectorType type,
        int rows,
        int vectors,
        int panel,
        boolean packedB,
        boolean tail,
        Rows left,
        boolean accumulate,
        Expr epilogue,
        List<Extra> extras) {
    // What C1 spends of its virtual registers on each kind of access, in ten-thousandths of all. Beyond them it gives the
    // method up, which can leave it slow for ever. A linear fit to what it did with 1,728 shapes, entered normally and in
    // the middle of the loop: 301 given up, none of them under the limit (docs/kernels-gemm.md).
    private static final int LIMIT = 9500;
    private static final int ACCESS = 268;
    private static final int BUFFER = 71;
    private static final int ROW = 85;
    private static final int MASKED_STORE = 1492;
    private static final int EXPRESSION = 50;
    private static final int MASKED_LOAD = 1800;
    // A vector of the old C from an array, and what a method may weigh that has those and an epilogue: of 140 shapes the
    // four of 5 × 4 with a bias were given up at 9,200, none below.
    private static final int ARRAY = 50;
    // A row that begins where a table says, with the range check of its entry: 6 × 3 with a bias and ReLU6 was given up by
    // the linear scan.
    private static final int TABLE = 100;
    private static final int BESIDE_OLD = 9150;

    /// How the rows of A lie.
    public enum Rows {
        /// Evenly apart, elements side by side.
        EVEN,
        /// Where a table says, elements side by side.
        TABLED,
        /// Where a table says, and their elements where another says: one entry for the row, one for the column. Range
        /// checks stay in the loop, which makes it a third slower.
        TAPPED,
        /// In the tile's array, at a constant distance: [Tile#rows32].
        COPIED
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
    public MicroShape {
        extras = List.copyOf(extras);
    }

    /// A tile of one panel.
    public MicroShape(
            VectorType type, int rows, int vectors, boolean packedB, boolean tail, Rows left, boolean accumulate,
            Expr epilogue, List<Extra> extras) {
        this(type, rows, vectors, vectors, packedB, tail, left, accumulate, epilogue, extras);
    }

    /// The rule that decides where an epilogue is computed: on the accumulators when it is cheap and its operands fit
    /// into one compiled method beside the sums, else in a pass over each tile just stored. `tail` as in the shape: a
    /// masked access has so many cases that it weighs as much as six plain ones.
    public static boolean fits(int rows, int vectors, boolean tail, Expr epilogue, List<Extra> extras) {
        return fits(rows, vectors, tail, Rows.EVEN, epilogue, extras);
    }

    /// The same for rows of A that lie so.
    public static boolean fits(int rows, int vectors, boolean tail, Rows left, Expr epilogue, List<Extra> extras) {
        if (epilogue.equals(Expr.input(0)) || !ExprLowering.isCheap(epilogue)) {
            return epilogue.equals(Expr.input(0));
        }
        return weight(rows, vectors, tail, epilogue, extras) + rows * whole(vectors, tail) * ARRAY
                + (left == Rows.TABLED || left == Rows.TAPPED ? rows * TABLE : 0) <= BESIDE_OLD;
    }

    private static int whole(int vectors, boolean tail) {
        return tail ? vectors - 1 : vectors;
    }

    private static int weight(int rows, int vectors, boolean tail, Expr epilogue, List<Extra> extras) {
        int masked = tail ? 1 : 0;
        int row = (vectors - masked) * ACCESS + masked * MASKED_LOAD;
        int weight = rows * (BUFFER + vectors * ACCESS) + vectors * ACCESS + masked * MASKED_STORE
                + (epilogue.equals(Expr.input(0)) ? 0 : rows * vectors * EXPRESSION);
        for (Extra extra : extras) {
            weight += switch (extra) {
                case COLUMNS -> row;
                case ROWS -> rows * ROW;
                case FULL -> rows * row;
            };
        }
        return weight;
    }
}
