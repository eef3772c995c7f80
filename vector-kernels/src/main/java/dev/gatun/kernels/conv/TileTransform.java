package dev.gatun.kernels.conv;

import java.lang.foreign.MemorySegment;

/// The three linear maps of Winograd's minimal filtering `F(m, 3)`: `y = Aᵀ[(G g) ⊙ (Bᵀ d)]` for m results of a filter
/// of three taps from m + 2 inputs (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray,
/// Fast Algorithms for Convolutional Neural Networks, 2016). In two dimensions each is applied to the columns and then
/// to the rows; a lane is a channel, so that a map is a handful of operations on whole vectors.
///
/// All steps and gaps are bytes; vectors number `0 … count − 1` of one call are independent.
sealed interface TileTransform permits TileOfTwo, TileOfFour {
    /// Results per side of a tile.
    int m();

    /// Inputs per side of a tile.
    default int size() {
        return m() + 2;
    }

    /// `Bᵀ`: inputs i of vector j at `at[i] + j·step`, results at `to + i·toGap + j·toStep`. `at` has [#size] entries.
    void input(
            MemorySegment s, long[] at, long step, long to, long toGap, long toStep, int count);

    /// `Aᵀ`: inputs at `from + i·gap + j·step`, m results alike.
    void output(
            MemorySegment s, long from, long gap, long step, long to, long toGap, long toStep, int count);

    /// `G`: three inputs at `a + j·step`, `b + j·step`, `c + j·step`; [#size] results.
    void filter(
            MemorySegment s, long a, long b, long c, long step, MemorySegment u, long to, long toGap, long toStep,
            int count);
}
