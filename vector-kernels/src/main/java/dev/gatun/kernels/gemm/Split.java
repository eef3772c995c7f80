package dev.gatun.kernels.gemm;

/// `total` cut into the fewest pieces of at most `max`, as equal as can be: the first ones are one longer. So there are
/// at most two sizes, and no thin rest: 16 rows by 5 are 4 + 4 + 4 + 4, not 5 + 5 + 5 + 1.
///
/// Divides once, when it is made: the loops ask for pieces between kernels that take 50 ns, and a division costs 5.
public final class Split {
    private final int total;
    private final int count;
    private final int base;
    private final int longer;

    /// Cuts `total` (0 gives no pieces) into pieces of at most `max`.
    public Split(int total, int max) {
        this.total = total;
        count = Math.ceilDiv(total, max);
        base = count == 0 ? 0 : total / count;
        longer = count == 0 ? 0 : total % count;
    }

    /// What was cut.
    public int total() {
        return total;
    }

    /// Number of pieces.
    public int count() {
        return count;
    }

    /// Where piece `i` begins; `start(count())` is the total.
    public int start(int i) {
        return i * base + Math.min(i, longer);
    }

    /// Length of piece `i`.
    public int size(int i) {
        return i < longer ? base + 1 : base;
    }

    /// The longest piece; 0 when there is none.
    public int largest() {
        return size(0);
    }
}
