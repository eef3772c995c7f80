package dev.gatun.kernels.conv;

import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Weights as rows in memory; `copied` are those that have to be copied first, at each run.
record Weights(
        int oc, int c, int kh, int kw, MemorySegment segment, long offset, long rowBytes, @Nullable View copied) {
    static Weights of(View w) {
        int k = w.dim(1) * w.dim(2) * w.dim(3);
        boolean rows = Filter.isRows(w);
        return new Weights(w.dim(0), w.dim(1), w.dim(2), w.dim(3), w.segment(), w.offset(),
                rows ? 4L * w.stride(0) : Filter.rowBytes(k), rows ? null : w);
    }

    static Weights of(PackedFilter w) {
        return new Weights(
                w.oc(), w.c(), w.kh(), w.kw(), w.memory(), 0, Filter.rowBytes(w.c() * w.kh() * w.kw()), null);
    }

    /// Bytes of all rows copied.
    long copyBytes() {
        return copied == null ? 0 : oc * rowBytes;
    }

    /// Starts per pair of image and group.
    long[] starts(int n, int groups) {
        long[] starts = new long[n * groups];
        for (int b = 0; b < starts.length; b++) {
            starts[b] = (copied == null ? offset : 0) + (long) (b % groups) * (oc / groups) * rowBytes;
        }
        return starts;
    }
}
