package dev.gatun.kernels.gemm;

import static dev.gatun.kernels.image.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// maths: to[i, p] = from[i, p], bit for bit.
/// layout: any strides on both sides.
/// blocking and why: squares of 16, so that the lines of a column-wise side stay in cache while the other walks rows; what is
/// turned over goes by [Squares].
/// registers: one element at a time.
/// evidence: some 1 ns per element, far less by squares; docs/kernels-gemm.md.
final class Strided {
    private static final int BLOCK = 16;

    private Strided() {}

    /// Copies `rows × columns` elements of `size` 4 or 8 bytes; offsets and steps in bytes. `room` is for [Squares#ROOM]
    /// numbers.
    static void copy(
            int size, int rows, int columns, MemorySegment from, long fromOff, long fromRow, long fromColumn,
            MemorySegment to, long toOff, long toRow, long toColumn, float[] room) {
        if (fromColumn == size && toColumn == size) {
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(from, fromOff + i * fromRow, to, toOff + i * toRow, (long) columns * size);
            }
            return;
        }
        boolean turnsRows = fromColumn == 4 && toRow == 4;
        boolean turnsColumns = fromRow == 4 && toColumn == 4;
        if (!Squares.FAST || size != 4 || !(turnsRows || turnsColumns) || rows < VL || columns < VL) {
            single(size, rows, columns, from, fromOff, fromRow, fromColumn, to, toOff, toRow, toColumn);
            return;
        }
        int height = rows - rows % VL;
        int width = columns - columns % VL;
        if (turnsRows) {
            Squares.turn(width, height, from, fromOff, fromRow, to, toOff, toColumn, room);
        } else {
            Squares.turn(height, width, from, fromOff, fromColumn, to, toOff, toRow, room);
        }
        single(
                size, height, columns - width, from, fromOff + width * fromColumn, fromRow, fromColumn, to,
                toOff + width * toColumn, toRow, toColumn);
        single(
                size, rows - height, columns, from, fromOff + height * fromRow, fromRow, fromColumn, to,
                toOff + height * toRow, toRow, toColumn);
    }

    private static void single(
            int size, int rows, int columns, MemorySegment from, long fromOff, long fromRow, long fromColumn,
            MemorySegment to, long toOff, long toRow, long toColumn) {
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
