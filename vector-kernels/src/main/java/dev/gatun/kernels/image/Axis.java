package dev.gatun.kernels.image;

import dev.gatun.kernels.PoolSpec;

/// The windows of one dim against a length: for each output the taps `first[i] ≤ t < end[i]` that lie inside.
/// `stride` and `kernel` are those of uniform windows, else 0; the outputs `full0 ≤ i < full1` have every tap inside.
final class Axis {
    final int length;
    final int count;
    final int dilation;
    final int stride;
    final int kernel;
    final int full0;
    final int full1;
    final int[] start;
    final int[] first;
    final int[] end;
    final int[] padded;

    Axis(int length, PoolSpec.Windows windows) {
        this.length = length;
        count = windows.count();
        dilation = windows.dilation();
        start = windows.start().clone();
        padded = windows.padded().clone();
        first = new int[count];
        end = new int[count];
        boolean uniform = count > 0;
        for (int i = 0; i < count; i++) {
            int size = windows.size()[i];
            first[i] = start[i] < 0 ? (dilation - 1 - start[i]) / dilation : 0;
            end[i] = Math.min(size, Math.max(0, (length - start[i] + dilation - 1) / dilation));
            uniform &= size == windows.size()[0];
            uniform &= i == 0 || start[i] - start[i - 1] == step();
        }
        if (uniform) {
            kernel = windows.size()[0];
            stride = step();
        } else {
            kernel = 0;
            stride = 0;
        }
        int from = 0;
        while (from < count && (first[from] > 0 || end[from] < windows.size()[from])) {
            from++;
        }
        int to = from;
        while (to < count && first[to] == 0 && end[to] == windows.size()[to]) {
            to++;
        }
        full0 = from;
        full1 = to;
    }

    private int step() {
        return count > 1 ? start[1] - start[0] : 1;
    }

    /// Index of the first input inside window `i`.
    int at(int i) {
        return start[i] + first[i] * dilation;
    }

    /// Number of taps inside window `i`.
    int taps(int i) {
        return Math.max(0, end[i] - first[i]);
    }
}
