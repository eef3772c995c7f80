package dev.gatun.kernels.image;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Images `[n, c, h, w]` as n·c planes, each row-major without holes; `strideN` and `strideC` are in bytes.
public record Planes(
        MemorySegment segment, long offset, int n, int c, int h, int w, long strideN, long strideC) {
    /// The planes of an F32 view that passed the checks of its family; `op` names the caller in an error.
    public static Planes of(String op, View v) {
        requireF32(op, v);
        return any(v);
    }

    /// The planes of an I64 view.
    static Planes indices(View v) {
        return any(v);
    }

    private static Planes any(View v) {
        long bytes = v.dtype().bytes();
        return new Planes(v.segment(), v.offset(), v.dim(0), v.dim(1), v.dim(2), v.dim(3), v.stride(0) * bytes,
                v.stride(1) * bytes);
    }

    /// Throws for F64: these kernels have no such form.
    public static void requireF32(String op, View v) {
        if (v.dtype() != DType.F32) {
            throw new IllegalArgumentException(
                    op + ": the vector kernels compute F32: " + v + "; use Kernels.reference()");
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
}
