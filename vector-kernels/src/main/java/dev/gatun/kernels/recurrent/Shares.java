package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.gemm.Split;

/// How the work of a step is cut. Rows know nothing of each other: cut by rows alone, a worker goes through many steps
/// without waiting for anybody, and its loops run over all units. So that is the way wherever the row tiles come out nearly even
/// among the workers. Otherwise by ranges of units, then, where these are few, by ranges of rows, with a
/// dispatch per step: one chunk per worker while a step is short. No cut below 2¹⁶ multiply-adds per chunk.
///
/// @param units ranges of groups of panels
/// @param rows ranges of row tiles
record Shares(Split units, Split rows) {
    private static final long LONG_STEP = 1 << 22;

    static Shares of(long multiplyAdds, int groups, int rowTiles, int threads) {
        int most = threads == 1 ? 1 : multiplyAdds < LONG_STEP ? threads : 4 * threads;
        int wanted = Math.clamp(multiplyAdds >> 16, 1, most);
        int tall = Math.ceilDiv(Math.max(rowTiles, 1), threads);
        if (wanted >= threads && 4 * tall * threads <= 5 * rowTiles) {
            return new Shares(new Split(groups, Math.max(groups, 1)), new Split(rowTiles, tall));
        }
        Split units = new Split(groups, Math.max(Math.ceilDiv(groups, wanted), 1));
        int left = Math.ceilDiv(wanted, Math.max(units.count(), 1));
        return new Shares(units, new Split(rowTiles, Math.max(Math.ceilDiv(rowTiles, left), 1)));
    }

    /// True when no share reads what another writes, in any step.
    boolean areIndependent() {
        return units.count() <= 1;
    }

    int count() {
        return units.count() * rows.count();
    }
}
