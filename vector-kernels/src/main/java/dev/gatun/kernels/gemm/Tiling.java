package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.VectorType;

/// The register tiles that cover C `[m, n]`, and which of them differ: rows cut by `mr`, columns counted in vectors and
/// cut by `nv`.
///
/// @param type element and vector width
/// @param m rows of C
/// @param n columns of C
/// @param rows the cut of the rows
/// @param columns the cut of the columns, in vectors: the panels of B
public record Tiling(VectorType type, int m, int n, Split rows, Split columns) {
    /// Sums beside which 16 registers and C2's nodes do for reads of A where it lies.
    private static final int PLAIN = 8;

    /// The tile for a matrix of this size. Accumulators: at most 24 of the 32 vector registers, 12 of 16. Narrow
    /// matrices get tall tiles, since it takes 8 independent sums to keep two multiply-add units busy.
    public static Tiling of(VectorType type, int m, int n) {
        int vectors = Math.ceilDiv(n, type.lanes());
        int nv = Math.min(vectors, widest(type));
        return new Tiling(type, m, n, new Split(m, tallest(type, nv)), new Split(vectors, Math.max(nv, 1)));
    }

    /// The same with tiles of which none needs rows of A copied, for small products.
    public static Tiling small(VectorType type, int m, int n) {
        Tiling large = of(type, m, n);
        return large.isCopied()
                ? new Tiling(type, m, n, new Split(m, PLAIN / large.columns.largest()), large.columns)
                : large;
    }

    /// Vectors per row of the tile of a large matrix, which is the width of a prepacked panel.
    public static int widest(VectorType type) {
        return type.manyRegisters() ? 4 : 2;
    }

    /// True when rows of A have to be copied to where a kernel reads them with the fewest instructions: beside more than 8
    /// sums in 16 registers, C2 runs out of nodes before it has inlined the reads of a buffer.
    public boolean isCopied() {
        return !type.manyRegisters() && rows.largest() * columns.largest() > PLAIN;
    }

    private static int tallest(VectorType type, int nv) {
        if (!type.manyRegisters()) {
            return 6;
        }
        return switch (nv) {
            case 0, 1, 2 -> 8;
            case 3 -> 6;
            default -> 6;
        };
    }

    /// Bytes of one column of panels per row of B.
    public long rowBytes() {
        return (long) columns.total() * type.bytes();
    }

    /// Lanes of the last vector of a row, 1 … lanes.
    public int tail() {
        int rest = n % type.lanes();
        return rest == 0 ? type.lanes() : rest;
    }

    /// True when panel `j` ends in a vector that is partly outside C.
    public boolean hasTail(int j) {
        return j >= 0 && j == columns.count() - 1 && tail() != type.lanes();
    }
}
