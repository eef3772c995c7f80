package dev.gatun.kernels.gemm;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.MicroShape;
import dev.gatun.kernels.codegen.Tile;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/// Copies the rows of A of one tile to where kernels of [MicroShape.Rows#COPIED] read them.
final class CopiedRows {
    private CopiedRows() {}

    /// The `rows` rows of `k` elements that the tile's offsets, and for `left` its tables, name.
    static void copy(Tile tile, MicroShape.Rows left, DType dtype) {
        if (left == MicroShape.Rows.TAPPED && dtype != DType.F32) {
            throw new IllegalStateException("product: columns where a table says: F32 only: " + dtype);
        }
        tile.holdRows(dtype);
        if (tile.k == 0) {
            // The buffer of a sum of nothing may be empty.
            return;
        }
        for (int i = 0; i < tile.rows; i++) {
            int from = tile.aOff + (left == MicroShape.Rows.EVEN ? i * tile.aRow : tile.rowAt[tile.row + i]);
            int to = i * Tile.TERMS_APART;
            if (dtype == DType.F64) {
                copy(tile.a64, from, tile.rows64, to, tile.k);
            } else if (left == MicroShape.Rows.TAPPED) {
                gather(tile.a32, from, tile.tapAt, tile.tap, tile.rows32, to, tile.k);
            } else {
                copy(tile.a32, from, tile.rows32, to, tile.k);
            }
        }
    }

    private static void copy(FloatBuffer a, int from, float[] rows, int to, int k) {
        a.get(from, rows, to, k);
    }

    private static void copy(DoubleBuffer a, int from, double[] rows, int to, int k) {
        a.get(from, rows, to, k);
    }

    private static void gather(FloatBuffer a, int from, int[] tapAt, int tap, float[] rows, int to, int k) {
        for (int p = 0; p < k; p++) {
            rows[to + p] = a.get(from + tapAt[tap + p]);
        }
    }
}
