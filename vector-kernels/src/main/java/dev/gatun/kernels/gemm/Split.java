package dev.gatun.kernels.gemm;

/// `total` cut into the fewest pieces of at most `max`, as equal as can be: the first ones are one longer. So there are
/// at most two sizes, and no thin rest: 16 rows by 5 are 4 + 4 + 4 + 4, not 5 + 5 + 5 + 1.
///
/// @param total what is cut; 0 gives no pieces
/// @param max the longest piece
public record Split(int total, int max) {
    /// Number of pieces.
    public int count() {
        return Math.ceilDiv(total, max);
    }

    /// Where piece `i` begins; `start(count())` is the total.
    public int start(int i) {
        int n = count();
        return n == 0 ? 0 : i * (total / n) + Math.min(i, total % n);
    }

    /// Length of piece `i`.
    public int size(int i) {
        return start(i + 1) - start(i);
    }

    /// The longest piece.
    public int largest() {
        return total == 0 ? 0 : size(0);
    }
}
