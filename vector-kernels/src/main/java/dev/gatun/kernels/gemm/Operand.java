package dev.gatun.kernels.gemm;

import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// A matrix or a batch of them, in bytes.
///
/// @param segment the memory
/// @param starts per matrix of the batch, its element (0, 0)
/// @param row from one row to the next
/// @param column from one column to the next
public record Operand(MemorySegment segment, long[] starts, long row, long column) {
    /// The last two dims of the view are the matrix, the others the batch, in row-major order.
    public static Operand of(View view) {
        int rank = view.rank();
        int batch = 1;
        for (int d = 0; d < rank - 2; d++) {
            batch *= view.dim(d);
        }
        long[] starts = new long[batch];
        int bytes = view.dtype().bytes();
        for (int i = 0; i < batch; i++) {
            long at = 0;
            int rest = i;
            for (int d = rank - 3; d >= 0; d--) {
                at += (long) (rest % view.dim(d)) * view.stride(d);
                rest /= view.dim(d);
            }
            starts[i] = view.offset() + at * bytes;
        }
        return new Operand(
                view.segment(), starts, (long) view.stride(rank - 2) * bytes, (long) view.stride(rank - 1) * bytes);
    }

    /// One matrix.
    public static Operand of(MemorySegment segment, long start, long row, long column) {
        return new Operand(segment, new long[] {start}, row, column);
    }

    /// Rows for columns.
    public Operand transposed() {
        return new Operand(segment, starts, column, row);
    }

    /// Number of matrices.
    public int batch() {
        return starts.length;
    }
}
