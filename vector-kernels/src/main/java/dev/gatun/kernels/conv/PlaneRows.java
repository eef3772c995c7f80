package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.StencilShape;
import dev.gatun.kernels.codegen.StencilShape.Grid;
import dev.gatun.kernels.gemm.Split;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Part of one plane with its margins in scratch memory, as the stencil kernels read it: rows a fixed distance apart,
/// wide planes cut into strips.
///
/// @param shape one channel, taps that form a grid
/// @param grid the taps
/// @param strips the cut of the columns of the result, in vectors
record PlaneRows(Correlation shape, Grid grid, Split strips) {
    /// The rows for taps that form an even grid, ascending downwards and to the right, at most two columns from one result
    /// to the next; null for others.
    static @Nullable PlaneRows of(Correlation s) {
        int taps = s.taps();
        if (taps == 0 || s.channels() != 1 || s.sw() > 2 || s.rows() < 2 || s.cols() == 0) {
            return null;
        }
        int width = 1;
        while (width < taps && s.dy()[width] == s.dy()[0]) {
            width++;
        }
        int height = taps / width;
        int across = width == 1 ? 1 : s.dx()[1] - s.dx()[0];
        int down = height == 1 ? 1 : s.dy()[width] - s.dy()[0];
        boolean even = height * width == taps && down >= 1 && across >= 1 && (down == 1 || s.sh() == 1);
        for (int t = 0; t < taps && even; t++) {
            even = s.dy()[t] == s.dy()[0] + t / width * down && s.dx()[t] == s.dx()[0] + t % width * across;
        }
        // A vector for the lead, one for what a row of zeros runs over.
        int most = even ? (StencilShape.PITCH / 4 - (width - 1) * across / s.sw()) / VL - 1 : 0;
        if (most <= 0) {
            return null;
        }
        Grid grid = new Grid(s.sh(), s.sw(), height, width, down, across);
        return new PlaneRows(s, grid, new Split(Math.ceilDiv(s.cols(), VL), most));
    }

    /// Bytes of memory for what `rows` rows of results read.
    long bytes(int rows) {
        return ((rows - 1L) * shape.sh() + (grid.height() - 1L) * grid.down() + 1) * grid.rowBytes() + BYTES;
    }

    /// Bytes that a row takes in the cache.
    int touched() {
        return 4 * shape.sw() * (strips.largest() + 1) * VL;
    }

    /// First column of strip `s`.
    int column(int s) {
        return Math.min(shape.cols(), strips.start(s) * VL);
    }

    /// Copies what rows `i0 … i1 − 1` of a strip of the result read; zeros stand outside the plane, and behind the end of
    /// a row up to what its last whole vector reads.
    ///
    /// @param image byte of element (0, 0) of the plane
    /// @param zeros whether the zeros have to be written: not when the same part of another plane was there before
    /// @return byte of what the first tap of the first result reads
    long stage(MemorySegment x, long image, int i0, int i1, int strip, boolean zeros, MemorySegment to, long at) {
        int top = i0 * shape.sh() + shape.dy()[0];
        int rows = (i1 - 1 - i0) * shape.sh() + (grid.height() - 1) * grid.down() + 1;
        int inside = Math.clamp(-(long) top, 0, rows);
        int outside = Math.clamp((long) shape.h() - top, inside, rows);
        long row = 4L * shape.w();
        long from = image + (top + inside) * row;
        long rowBytes = grid.rowBytes();
        long first = at + inside * rowBytes;
        int left = shape.dx()[0] + column(strip) * shape.sw();
        int columns = strips.size(strip) * VL + reach();
        int vectors = rounded(lead(left) + columns) / VL;
        if (zeros) {
            zero(to, at, vectors, inside);
            zero(to, at + outside * rowBytes, vectors, rows - outside);
        }
        if (shape.sw() == 2) {
            RowCopies.split(
                    x, from, row, shape.w(), left, to, first, StencilShape.PITCH, vectors * VL, outside - inside);
            return at;
        }
        int c0 = Math.clamp(left, 0, shape.w());
        int c1 = Math.clamp((long) left + columns, c0, shape.w());
        long body = first + 4L * (lead(left) + c0 - left);
        if (zeros) {
            int before = Math.ceilDiv(c0 - left, VL);
            int behind = Math.floorDiv(lead(left) + c1 - left, VL);
            RowCopies.zeros(to, first, rowBytes, before, outside - inside);
            RowCopies.zeros(to, first + (long) behind * BYTES, rowBytes, vectors - behind, outside - inside);
        }
        RowCopies.rows(x, from + 4L * c0, row, c1 - c0, to, body, rowBytes, outside - inside);
        return at + 4L * lead(left);
    }

    private void zero(MemorySegment to, long at, int vectors, int rows) {
        for (int f = 0; f < shape.sw(); f++) {
            RowCopies.zeros(to, at + (long) f * StencilShape.PITCH, grid.rowBytes(), vectors, rows);
        }
    }

    /// Elements left free before column `left` of the plane, so that column 0 comes to lie at a whole vector.
    private int lead(int left) {
        return shape.sw() == 1 && left < 0 ? Math.floorMod(left, VL) : 0;
    }

    private int reach() {
        return (grid.width() - 1) * grid.across() / shape.sw();
    }

    private static int rounded(int columns) {
        return Math.ceilDiv(columns, VL) * VL;
    }
}
