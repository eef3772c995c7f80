package dev.gatun.kernels.attention;

import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.MatrixPanels;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;

/// The matrices `[t, d]` of all heads as packed panels in scratch memory, as they are (columns are the d) or turned
/// (columns are the t); zeros behind the last column.
final class Panels {
    private final VectorType type;
    private final MatrixPanels source;
    private final Split columns;
    private final int rows;
    private final long at;
    private final long headBytes;
    private final int heads;

    /// Packed to byte `at` of the scratch memory.
    Panels(MicroKernels compiled, VectorType type, View x, boolean turned, long at) {
        this.type = type;
        this.at = at;
        int t = x.dim(2);
        int d = x.dim(3);
        Operand heads = Operand.of(x);
        Tiling tiling = Tiling.of(type, 1, turned ? t : d);
        source = new MatrixPanels(compiled, tiling, turned ? heads.transposed() : heads);
        columns = tiling.columns();
        rows = turned ? d : t;
        headBytes = tiling.rowBytes() * rows;
        this.heads = heads.batch();
    }

    long bytes() {
        return headBytes * heads;
    }

    /// Byte of the scratch memory behind them, a multiple of 64.
    long end() {
        return at + bytes() + 63 & ~63L;
    }

    /// The cut of the columns, in vectors.
    Split columns() {
        return columns;
    }

    /// Number of columns, padding included.
    int width() {
        return columns.total() * type.lanes();
    }

    /// First column of panel `j`.
    int column(int j) {
        return columns.start(j) * type.lanes();
    }

    /// Rows of each panel.
    int rows() {
        return rows;
    }

    long base(int head) {
        return at + head * headBytes;
    }

    void pack(int head, MemorySegment scratch, Tile tile) {
        for (int j = 0; j < columns.count(); j++) {
            long to = base(head) + (long) columns.start(j) * type.bytes() * rows;
            source.pack(head, j, 0, rows, scratch, to, tile);
        }
    }
}
