package dev.gatun.kernels.image;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Images `[n, c, h, w]` as n·c planes, each row-major without holes; `strideN` and `strideC` are in bytes.
public record Planes(
        MemorySegment segment, long offset, int n, int c, int h, int w, long strideN, long strideC) {
    /// The planes of a rank-4 view, or an error that names `op` and `operand`.
    public static Planes of(String op, String operand, View v, DType dtype) {
        if (v.rank() != 4) {
            throw new IllegalArgumentException(op + ": " + operand + " must have dims [n, c, h, w]: " + v);
        }
        requireType(op, operand, v, dtype);
        int h = v.dim(2);
        int w = v.dim(3);
        if (v.count() > 0 && (w > 1 && v.stride(3) != 1 || h > 1 && v.stride(2) != w)) {
            throw new IllegalArgumentException(op + ": " + operand
                    + " must be contiguous in h and w: " + v + "; copy it first");
        }
        long bytes = dtype.bytes();
        return new Planes(v.segment(), v.offset(), v.dim(0), v.dim(1), h, w, v.stride(0) * bytes, v.stride(1) * bytes);
    }

    /// Throws when the view has another element type, naming the reference kernels where those can do it.
    public static void requireType(String op, String operand, View v, DType dtype) {
        if (v.dtype() != dtype) {
            String rule = dtype == DType.F32 ? "the vector kernels compute F32" : operand + " must be " + dtype;
            String fix = v.dtype() == DType.F64 ? "; use Kernels.reference()" : "";
            throw new IllegalArgumentException(op + ": " + rule + ": " + operand + " " + v + fix);
        }
    }

    /// Number of planes.
    public int count() {
        return n * c;
    }

    /// Byte offset of plane `index` (image-major).
    public long plane(int index) {
        return offset + index / c * strideN + index % c * strideC;
    }

    /// True when other has the same n and c.
    public boolean samePlanes(Planes other) {
        return n == other.n && c == other.c;
    }
}
