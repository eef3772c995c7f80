package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.IndexCheck;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// Indices before they are used, and single elements of any type.
final class IndexRange {
    private IndexRange() {}

    /// Throws on an index outside `[0, bound)`. Contiguous I64 indices are scanned first; only when one is wrong, or
    /// they are of another kind, the slow walk that knows positions is taken.
    static void check(String op, View index, int bound) {
        if (index.dtype() == DType.I64 && index.isContiguous() && inRange(index, bound)) {
            return;
        }
        IndexCheck.range(op, index, bound);
    }

    private static boolean inRange(View index, int bound) {
        MemorySegment s = OffHeap.of(index.segment());
        long base = index.offset();
        long outside = 0;
        for (int i = 0; i < index.count(); i++) {
            long v = s.get(JAVA_LONG, base + i * 8L);
            outside |= v | (bound - 1 - v);
        }
        return outside >= 0;
    }

    /// One element from the table to the picks, or added to the table.
    static void move(View table, long there, View picked, long here, boolean add) {
        boolean floating = table.dtype().isFloating();
        if (add && floating) {
            table.setDouble(there, table.getDouble(there) + picked.getDouble(here));
        } else if (add) {
            table.setLong(there, table.getLong(there) + picked.getLong(here));
        } else if (floating) {
            picked.setDouble(here, table.getDouble(there));
        } else {
            picked.setLong(here, table.getLong(there));
        }
    }
}
