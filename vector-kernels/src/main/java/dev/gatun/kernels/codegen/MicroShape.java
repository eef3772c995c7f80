package dev.gatun.kernels.codegen;

/// Everything that is compiled into a product's [MicroKernel]; equal shapes share one class.
///
/// @param type element and vector width
/// @param rows rows of the tile
/// @param vectors vectors per row of the tile; B is read in whole vectors, so its rows must be padded or followed by
///     memory
/// @param panel vectors per row of one packed panel: fewer than `vectors` where a tile takes several panels side by side,
///     which lie [Tile#bRow] apart; not read for unpacked B
/// @param packedB B is a packed panel: rows of exactly `panel` vectors, padded
/// @param left how A lies
/// @param resumed the sums begin with what the tile holds ([Tile#held32]) instead of zeros
/// @param held they stay in the tile instead of going to C, all of whose vectors are whole then
public record MicroShape(
        VectorType type, int rows, int vectors, int panel, boolean packedB, Rows left, boolean resumed, boolean held) {
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
}
