package dev.gatun.kernels.gemm;

import dev.gatun.kernels.DType;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Memory as the buffer of elements that micro-kernels read A from.
///
/// @param buffer the elements
/// @param origin byte of the segment that element 0 lies at
public record Elements(Buffer buffer, long origin) {
    private static final long MOST = Integer.MAX_VALUE - 64;

    /// True when the matrices fit into one buffer, whose size is limited to 2 GiB.
    public static boolean fit(Operand a, int m, int k, DType dtype) {
        return span(a, m, k, dtype) <= MOST;
    }

    private static long span(Operand a, int m, int k, DType dtype) {
        return last(a) - first(a) + (m - 1L) * a.row() + (long) k * dtype.bytes();
    }

    private static long first(Operand a) {
        long first = Long.MAX_VALUE;
        for (long start : a.starts()) {
            first = Math.min(first, start);
        }
        return first;
    }

    private static long last(Operand a) {
        long last = Long.MIN_VALUE;
        for (long start : a.starts()) {
            last = Math.max(last, start);
        }
        return last;
    }

    /// All matrices of an operand whose rows have their elements side by side.
    public static Elements of(Operand a, int m, int k, DType dtype) {
        if (m == 0 || k == 0 || a.batch() == 0) {
            return new Elements(of(a.segment(), 0, 0, dtype), 0);
        }
        return new Elements(of(a.segment(), first(a), span(a, m, k, dtype), dtype), first(a));
    }

    /// Element (0, 0) of matrix `i` of the operand this was made of.
    public int start(Operand a, int i, DType dtype) {
        return (int) ((a.starts()[i] - origin) / dtype.bytes());
    }

    /// A range of bytes.
    public static Buffer of(MemorySegment segment, long from, long bytes, DType dtype) {
        ByteBuffer range = segment.asSlice(from, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        return dtype == DType.F32 ? range.asFloatBuffer() : range.asDoubleBuffer();
    }
}
