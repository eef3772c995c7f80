package dev.gatun.kernels.image;

import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Numbers `[n, c, l]`, contiguous along l; `strideN` and `strideC` are in bytes. A `[c]` operand has n = l = 1.
record Channels(MemorySegment segment, long offset, int n, int c, int l, long strideN, long strideC) {
    /// An F32 view that passed the checks of its family; `op` and `operand` name it in an error.
    static Channels of(String op, String operand, View v) {
        Planes.requireF32(op, v);
        return new Channels(v.segment(), v.offset(), v.dim(0), v.dim(1), v.dim(2), 4L * v.stride(0), 4L * v.stride(1));
    }

    /// One number per channel.
    static Channels vector(View v) {
        return new Channels(v.segment(), v.offset(), 1, v.dim(0), 1, 0, 4L * v.stride(0));
    }

    /// Byte offset of channel `i` of image 0.
    long at(int i) {
        return offset + i * strideC;
    }

    /// True when a vector of channels can be loaded at once.
    private boolean acrossLanes() {
        return l == 1 && (strideC == 4 || c == 1);
    }

    /// True when all can be computed by vectors of channels.
    static boolean acrossLanes(Channels... all) {
        for (Channels c : all) {
            if (!c.acrossLanes()) {
                return false;
            }
        }
        return true;
    }

    /// Chunks of channels, or of vectors of channels.
    static Chunks chunks(Channels x, boolean lanes) {
        long work = 3L * x.n * x.l;
        return lanes ? Chunks.of((x.c + Lanes.VL - 1) / Lanes.VL, work) : Chunks.of(x.c, work / 4);
    }
}
