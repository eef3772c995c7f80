package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.gemm.Split;

/// How the work of one step is cut: first into ranges of units, then, where these are few, into ranges of rows. A cut
/// costs a dispatch, so there is none below 2¹⁶ multiply-adds per chunk, and just one chunk per worker while a step is
/// short.
///
/// @param units ranges of groups of panels
/// @param rows ranges of row tiles
record Shares(Split units, Split rows) {
    private static final long LONG_STEP = 1 << 22;

    static Shares of(long multiplyAdds, int groups, int rowTiles, int threads) {
        int most = threads == 1 ? 1 : multiplyAdds < LONG_STEP ? threads : 4 * threads;
        int wanted = Math.clamp(multiplyAdds >> 16, 1, most);
        Split units = new Split(groups, Math.max(Math.ceilDiv(groups, wanted), 1));
        int left = Math.ceilDiv(wanted, Math.max(units.count(), 1));
        return new Shares(units, new Split(rowTiles, Math.max(Math.ceilDiv(rowTiles, left), 1)));
    }

    int count() {
        return units.count() * rows.count();
    }
}
