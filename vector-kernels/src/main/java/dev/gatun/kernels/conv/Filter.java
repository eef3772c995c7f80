package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// Weights `[oc, c, kh, kw]` as rows of `c·kh·kw` numbers.
final class Filter {
    private Filter() {}

    /// True when the rows can be read where they are.
    static boolean isRows(View w) {
        return w.count() == 0 || w.dim(1) <= 1 || w.stride(1) == w.dim(2) * w.dim(3);
    }

    /// Bytes from one row to the next when copied: not a multiple of 1 KiB, or the rows of a tile would fall on the same
    /// few lines of the first-level cache.
    static long rowBytes(int k) {
        long bytes = 4L * k + 63 & ~63L;
        return bytes % 1024 == 0 ? bytes + 64 : bytes;
    }

    /// Copies row `o` to byte `at`.
    static void copyRow(View w, int o, MemorySegment to, long at) {
        int taps = w.dim(2) * w.dim(3);
        for (int c = 0; c < w.dim(1); c++) {
            long from = w.offset() + 4L * o * w.stride(0) + 4L * c * w.stride(1);
            MemorySegment.copy(w.segment(), from, to, at + 4L * c * taps, 4L * taps);
        }
    }

    /// Writes row `c` of the transposed filter: `row[(o, t)] = w[first + o, c, taps[t]]` for `count` values of o.
    static void transposeRow(View w, int first, int count, int c, int[] taps, MemorySegment to, long at) {
        MemorySegment from = w.segment();
        long base = w.offset() + 4L * first * w.stride(0) + 4L * c * w.stride(1);
        long step = 4L * w.stride(0);
        long target = at;
        for (int o = 0; o < count; o++) {
            for (int tap : taps) {
                to.set(FLOAT, target, from.get(FLOAT, base + 4L * tap));
                target += 4;
            }
            base += step;
        }
    }
}
