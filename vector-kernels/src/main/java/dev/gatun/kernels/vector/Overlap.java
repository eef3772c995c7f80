package dev.gatun.kernels.vector;

import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;

/// Refuses outputs that overlap an operand without being exactly it. Interleaved views (disjoint elements in one
/// range) pass only when strides and size show them apart, see [#apart].
final class Overlap {
    private Overlap() {}

    static void check(String op, List<View> in, List<View> out) {
        for (int i = 0; i < out.size(); i++) {
            View o = out.get(i);
            for (View v : in) {
                if (!same(o, v) && overlap(o, v)) {
                    throw new IllegalArgumentException(
                            op + ": an output may be exactly an input, not partly overlap it: " + o + " and " + v);
                }
            }
            for (int j = 0; j < i; j++) {
                if (overlap(o, out.get(j))) {
                    throw new IllegalArgumentException(
                            op + ": outputs must not overlap each other: " + o + " and " + out.get(j));
                }
            }
        }
    }

    private static boolean same(View x, View y) {
        return x.dtype() == y.dtype() && address(x) == address(y) && Arrays.equals(x.strides(), y.strides());
    }

    private static long address(View v) {
        return v.segment().address() + v.offset();
    }

    static boolean overlap(View x, View y) {
        if (x.count() == 0 || y.count() == 0) {
            return false;
        }
        long xs = address(x);
        long ys = address(y);
        return xs < ys + extent(y) && ys < xs + extent(x) && !apart(x, y, xs, ys);
    }

    private static long extent(View v) {
        long last = 0;
        for (int i = 0; i < v.rank(); i++) {
            last += (v.dim(i) - 1L) * v.stride(i);
        }
        return (last + 1) * v.dtype().bytes();
    }

    /// Columns or blocks of one larger array: both have the same strides, and modulo one of them, which divides all
    /// larger ones, the elements of neither reach the other.
    private static boolean apart(View x, View y, long xs, long ys) {
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
