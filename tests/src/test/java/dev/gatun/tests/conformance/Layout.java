package dev.gatun.tests.conformance;

import java.util.stream.IntStream;

/// How the elements of an operand lie in memory.
enum Layout {
    /// Row-major without holes, on a 64-byte boundary.
    PLAIN,
    /// Row-major without holes, three elements past a boundary.
    SHIFTED,
    /// Row-major with the first dim's rows three elements apart, so that all but the first dim stay contiguous.
    ROWS,
    /// The second dim innermost, the others row-major: images `[n, c, h, w]` channels last.
    CHANNELS_LAST,
    /// The same with three elements between the pixels.
    SPACED_PIXELS,
    /// Column-major: the first dim has stride 1.
    TRANSPOSED,
    /// Every second element, with gaps between the lines.
    STRIDED,
    /// The first dim repeats one slice (inputs only).
    REPEAT_FIRST,
    /// The last dim repeats one element (inputs only).
    REPEAT_LAST,
    /// One element everywhere (inputs only).
    SCALAR;

    int[] strides(int[] dims) {
        int rank = dims.length;
        int[] strides = new int[rank];
        switch (this) {
            case PLAIN, SHIFTED -> fill(strides, dims, 1, 0);
            case ROWS -> {
                fill(strides, dims, 1, 0);
                if (rank > 0) {
                    strides[0] += 3;
                }
            }
            case STRIDED -> fill(strides, dims, 2, 1);
            case CHANNELS_LAST, SPACED_PIXELS -> {
                int step = rank < 2 ? 1 : Math.max(dims[1], 1) + (this == SPACED_PIXELS ? 3 : 0);
                for (int d = rank - 1; d >= 0; d--) {
                    strides[d] = d == 1 ? 1 : step;
                    step *= d == 1 ? 1 : Math.max(dims[d], 1);
                }
            }
            case TRANSPOSED -> {
                int step = 1;
                for (int d = 0; d < rank; d++) {
                    strides[d] = step;
                    step *= Math.max(dims[d], 1);
                }
            }
            case REPEAT_FIRST -> {
                fill(strides, dims, 1, 0);
                if (rank > 0) {
                    strides[0] = 0;
                }
            }
            case REPEAT_LAST -> {
                int[] outer = dims.clone();
                if (rank > 0) {
                    outer[rank - 1] = 1;
                }
                fill(strides, outer, 1, 0);
                if (rank > 0) {
                    strides[rank - 1] = 0;
                }
            }
            case SCALAR -> {
            }
        }
        return strides;
    }

    private static void fill(int[] strides, int[] dims, int step, int gap) {
        int next = step;
        for (int d = dims.length - 1; d >= 0; d--) {
            strides[d] = next;
            next = next * Math.max(dims[d], 1) + gap;
        }
    }

    int shift() {
        return this == SHIFTED ? 3 : 0;
    }

    boolean repeats() {
        return this == REPEAT_FIRST || this == REPEAT_LAST || this == SCALAR;
    }

    /// Elements from the first to the last, both included.
    static int extent(int[] dims, int[] strides) {
        return IntStream.range(0, dims.length).map(d -> Math.max(dims[d] - 1, 0) * strides[d]).sum() + 1;
    }
}
