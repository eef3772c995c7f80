package dev.gatun.kernels.gemm;

import java.util.Arrays;

/// How a sum is cut into blocks: block `q` has `size(q)` terms, which begin at element `a(q)` of a row of A and at row `b(q)`
/// of B; also at entry `b(q)` of the table, where one says how the columns of A lie. Immutable.
public final class Blocks {
    /// No block.
    public static final Blocks NONE = new Blocks(new int[0], new int[0], new int[0]);

    private final int[] a;
    private final int[] b;
    private final int[] sizes;
    private final int total;

    /// Copies the arrays, which are of one length.
    public Blocks(int[] a, int[] b, int[] sizes) {
        this.a = a.clone();
        this.b = b.clone();
        this.sizes = sizes.clone();
        total = Arrays.stream(sizes).sum();
    }

    /// One behind the other; one empty block for an empty sum.
    public static Blocks of(Split depth) {
        int[] starts = new int[Math.max(1, depth.count())];
        int[] sizes = new int[starts.length];
        for (int q = 0; q < depth.count(); q++) {
            starts[q] = depth.start(q);
            sizes[q] = depth.size(q);
        }
        return new Blocks(starts, starts, sizes);
    }

    /// How many.
    public int count() {
        return sizes.length;
    }

    /// Where block `q` begins in a row of A.
    public int a(int q) {
        return a[q];
    }

    /// Its first row of B.
    public int b(int q) {
        return b[q];
    }

    /// Its terms.
    public int size(int q) {
        return sizes[q];
    }

    /// Terms of all.
    public int total() {
        return total;
    }
}
