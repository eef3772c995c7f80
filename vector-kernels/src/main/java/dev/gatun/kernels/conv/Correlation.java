package dev.gatun.kernels.conv;

import dev.gatun.kernels.ConvSpec;

/// `out[m, i, j] = Σ over (c, t) a[m, (c, t)] · source[c, i·sh + dy[t], j·sw + dx[t]]`, the source being zero outside
/// `[0, h) × [0, w)`; `i < rows`, `j < cols`. What a convolution's forward pass and the phases of its data gradient
/// have in common.
record Correlation(int channels, int h, int w, int rows, int cols, int sh, int sw, int[] dy, int[] dx) {
    /// The forward convolution of one group.
    static Correlation forward(ConvSpec s, int channels, int h, int w, int rows, int cols, int kh, int kw) {
        int[] dy = new int[kh * kw];
        int[] dx = new int[kh * kw];
        for (int t = 0; t < dy.length; t++) {
            dy[t] = t / kw * s.dilationH() - s.padTop();
            dx[t] = t % kw * s.dilationW() - s.padLeft();
        }
        return new Correlation(channels, h, w, rows, cols, s.strideH(), s.strideW(), dy, dx);
    }

    /// Number of taps.
    int taps() {
        return dy.length;
    }

    /// Length of the sums.
    int k() {
        return channels * dy.length;
    }

    /// Number of outputs.
    int pixels() {
        return rows * cols;
    }

    /// True when the taps can be read where they are: no padding, no step along the row, and the outputs of one row
    /// followed by those of the next as their inputs are.
    boolean isDense() {
        boolean oneRow = rows == 1;
        return sw == 1
                && (oneRow || (sh == 1 && cols == w))
                && min(dy) >= 0
                && min(dx) >= 0
                && (rows - 1) * sh + max(dy) < h
                && cols - 1 + max(dx) < w;
    }

    /// True when Winograd's algorithms apply: nine taps, rows of three in order or all of them in reverse, step 1.
    boolean isWinograd() {
        if (dy.length != 9 || sh != 1 || sw != 1 || channels == 0 || rows == 0 || cols == 0) {
            return false;
        }
        boolean forwards = true;
        boolean backwards = true;
        for (int t = 0; t < 9; t++) {
            forwards &= dy[t] == dy[0] + t / 3 && dx[t] == dx[0] + t % 3;
            backwards &= dy[t] == dy[0] - t / 3 && dx[t] == dx[0] - t % 3;
        }
        return forwards || backwards;
    }

    /// True when the taps begin with the last.
    boolean isReversed() {
        return dy[0] > dy[dy.length - 1];
    }

    static int min(int[] values) {
        int m = Integer.MAX_VALUE;
        for (int v : values) {
            m = Math.min(m, v);
        }
        return m;
    }

    static int max(int[] values) {
        int m = Integer.MIN_VALUE;
        for (int v : values) {
            m = Math.max(m, v);
        }
        return m;
    }
}
