package dev.gatun.kernels.norm;

import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// F32 rows, each contiguous: `m` rows of `n` numbers, `step` bytes apart. A vector is one row, a number per row is n = 1.
record Rows(MemorySegment segment, long offset, int m, int n, long step) {
    static Rows matrix(View v) {
        return new Rows(v.segment(), v.offset(), v.dim(0), v.dim(1), 4L * v.stride(0));
    }

    /// One number per row.
    static Rows column(View v) {
        return new Rows(v.segment(), v.offset(), v.dim(0), 1, 4L * v.stride(0));
    }

    /// The same row for all; null when there is none.
    static @Nullable Rows shared(@Nullable View v) {
        return v == null ? null : new Rows(v.segment(), v.offset(), 1, v.dim(0), 0);
    }

    /// Byte offset of row `i`.
    long at(int i) {
        return offset + i * step;
    }
}
