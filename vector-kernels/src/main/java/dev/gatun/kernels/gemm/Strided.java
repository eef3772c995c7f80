package dev.gatun.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// maths: to[i, p] = from[i, p], bit for bit.
/// layout: any strides on both sides.
/// blocking and why: squares of 16, so that the lines of a column-wise side stay in cache while the other walks rows.
/// registers: one element at a time.
/// evidence: a pass of some 1 ns per element, small beside the product it prepares; docs/kernels-gemm.md.
final class Strided {
    private static final int BLOCK = 16;

    private Strided() {}

    /// Copies `rows × columns` elements of `size` 4 or 8 bytes; offsets and steps in bytes.
    static void copy(
            int size, int rows, int columns, MemorySegment from, long fromOff, long fromRow, long fromColumn,
            MemorySegment to, long toOff, long toRow, long toColumn) {
        if (fromColumn == size && toColumn == size) {
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(from, fromOff + i * fromRow, to, toOff + i * toRow, (long) columns * size);
            }
            return;
        }
        for (int i = 0; i < rows; i += BLOCK) {
            int height = Math.min(BLOCK, rows - i);
            for (int p = 0; p < columns; p += BLOCK) {
                int width = Math.min(BLOCK, columns - p);
                long f = fromOff + i * fromRow + p * fromColumn;
                long t = toOff + i * toRow + p * toColumn;
                if (size == 4) {
                    ints(height, width, from, f, fromRow, fromColumn, to, t, toRow, toColumn);
                } else {
                    longs(height, width, from, f, fromRow, fromColumn, to, t, toRow, toColumn);
                }
            }
        }
    }

    private static void ints(
            int rows, int columns, MemorySegment from, long fromOff, long fromRow, long fromColumn, MemorySegment to,
            long toOff, long toRow, long toColumn) {
        from = OffHeap.of(from);
        to = OffHeap.of(to);
        for (int i = 0; i < rows; i++) {
            long f = fromOff + i * fromRow;
            long t = toOff + i * toRow;
            for (int p = 0; p < columns; p++) {
                to.set(JAVA_INT_UNALIGNED, t, from.get(JAVA_INT_UNALIGNED, f));
                f += fromColumn;
                t += toColumn;
            }
        }
    }

    private static void longs(
            int rows, int columns, MemorySegment from, long fromOff, long fromRow, long fromColumn, MemorySegment to,
            long toOff, long toRow, long toColumn) {
        from = OffHeap.of(from);
        to = OffHeap.of(to);
        for (int i = 0; i < rows; i++) {
            long f = fromOff + i * fromRow;
            long t = toOff + i * toRow;
            for (int p = 0; p < columns; p++) {
                to.set(JAVA_LONG_UNALIGNED, t, from.get(JAVA_LONG_UNALIGNED, f));
                f += fromColumn;
                t += toColumn;
            }
        }
    }

    /// Zeroes `count` elements in each of `rows` rows.
    static void zero(int size, int rows, int count, MemorySegment to, long toOff, long toRow) {
        to = OffHeap.of(to);
        for (int i = 0; i < rows; i++) {
            for (int p = 0; p < count; p++) {
                long at = toOff + i * toRow + (long) p * size;
                if (size == 4) {
                    to.set(JAVA_INT_UNALIGNED, at, 0);
                } else {
                    to.set(JAVA_LONG_UNALIGNED, at, 0);
                }
            }
        }
    }
}
