package dev.gatun.kernels.image;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Numbers `[n, c, l]`, contiguous along l; `strideN` and `strideC` are in bytes. A `[c]` operand has n = l = 1.
record Channels(MemorySegment segment, long offset, int n, int c, int l, long strideN, long strideC) {
    /// A rank-3 view, or an error that names `op` and `operand`.
    static Channels of(String op, String operand, View v) {
        Planes.requireType(op, operand, v, DType.F32);
        if (v.rank() != 3 || v.count() > 0 && v.dim(2) > 1 && v.stride(2) != 1) {
            throw new IllegalArgumentException(
                    op + ": " + operand + " must be [n, c, l], contiguous along l: " + v + "; copy it first");
        }
        return new Channels(v.segment(), v.offset(), v.dim(0), v.dim(1), v.dim(2), 4L * v.stride(0), 4L * v.stride(1));
    }

    /// A contiguous view of c numbers.
    static Channels vector(String op, String operand, View v, int c) {
        Planes.requireType(op, operand, v, DType.F32);
        if (v.rank() != 1 || v.dim(0) != c || c > 1 && v.stride(0) != 1) {
            throw new IllegalArgumentException(
                    op + ": " + operand + " must be [" + c + "], contiguous: " + v);
        }
        return new Channels(v.segment(), v.offset(), 1, c, 1, 0, 4);
    }

    /// Byte offset of channel `i` of image 0.
    long at(int i) {
        return offset + i * strideC;
    }

    /// True when a vector of channels can be loaded at once.
    boolean acrossLanes() {
        return l == 1 && (strideC == 4 || c == 1);
    }

    /// Chunks of channels, or of vectors of channels.
    static Chunks chunks(Channels x, boolean lanes) {
        long work = 3L * x.n * x.l;
        return lanes ? Chunks.of((x.c + Lanes.VL - 1) / Lanes.VL, work) : Chunks.of(x.c, work / 4);
    }
}
