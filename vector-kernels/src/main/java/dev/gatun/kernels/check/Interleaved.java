package dev.gatun.kernels.check;

import dev.gatun.kernels.View;

/// Views that lie in one range of memory without sharing an element, such as two column ranges of a matrix, told by
/// their strides alone.
final class Interleaved {
    private Interleaved() {}

    /// Columns or blocks of one larger array: both have the same strides, and modulo one of them, which divides all
    /// larger ones, the elements of neither reach the other.
    static boolean apart(View x, View y, long xs, long ys) {
        int bytes = x.dtype().bytes();
        if (x.dtype() != y.dtype() || x.rank() != y.rank() || (ys - xs) % bytes != 0) {
            return false;
        }
        View low = xs <= ys ? x : y;
        View high = xs <= ys ? y : x;
        long distance = Math.abs(ys - xs) / bytes;
        for (int i = 0; i < low.rank(); i++) {
            if (low.stride(i) != high.stride(i) && (low.dim(i) > 1 || high.dim(i) > 1)) {
                return false;
            }
        }
        for (int i = 0; i < low.rank(); i++) {
            int s = low.stride(i);
            if (s > 0 && dividesLarger(low, s)) {
                long rest = distance % s;
                if (rest > inner(low, s) && s - rest > inner(high, s)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean dividesLarger(View v, int stride) {
        for (int i = 0; i < v.rank(); i++) {
            if (v.dim(i) > 1 && v.stride(i) % stride != 0 && v.stride(i) > stride) {
                return false;
            }
        }
        return true;
    }

    private static long inner(View v, int stride) {
        long reach = 0;
        for (int i = 0; i < v.rank(); i++) {
            if (v.stride(i) < stride) {
                reach += (v.dim(i) - 1L) * v.stride(i);
            }
        }
        return reach;
    }
}
