package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import java.lang.foreign.MemorySegment;

/// Where the pixels of a product go: pixel `(i, j)` of `cols` per row to byte `first + i·rowStep + j·colStep` of its
/// plane. [#SAME] when they simply follow each other.
record Placement(int cols, long first, long rowStep, long colStep) {
    static final Placement SAME = new Placement(0, 0, 0, 0);

    boolean isSame() {
        return cols == 0;
    }

    /// Moves pixels `q0 … q1 − 1` from `from` on to their plane.
    void scatter(MemorySegment s, long from, int q0, int q1, MemorySegment out, long plane) {
        long at = from;
        int q = q0;
        while (q < q1) {
            int j = q % cols;
            int count = Math.min(cols - j, q1 - q);
            spread(s, at, count, out, plane + first + q / cols * rowStep + j * colStep, colStep);
            at += 4L * count;
            q += count;
        }
    }

    private static void spread(MemorySegment s, long from, int count, MemorySegment out, long to, long step) {
        for (int j = 0; j < count; j++) {
            out.set(FLOAT, to + j * step, s.get(FLOAT, from + 4L * j));
        }
    }
}
