package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;

/// maths: every line along one dim in order, with the positions the values came from.
/// layout: any strides; a line is turned into 64-bit keys whose signed order is the wanted one (NaN above +∞, −0 and +0
/// equal, all bits flipped for descending), so that one merge sort serves every element type.
/// blocking and why: bottom-up merge sort of positions, stable, n·log n in every case.
/// registers: none held.
/// evidence: checked against a naive model in the tests.
final class LineSort implements Call {
    private final View in;
    private final View values;
    private final View order;
    private final int dim;
    private final boolean descending;
    private final Walk lines;
    private final long[] keys;
    private final double[] line;
    private int[] from;
    private int[] to;

    LineSort(View in, View values, View order, int dim, boolean descending) {
        this.in = in;
        this.values = values;
        this.order = order;
        this.dim = dim;
        this.descending = descending;
        int[] dims = values.dims();
        dims[dim] = Math.min(dims[dim], 1);
        this.lines = Walk.over(dims, in.strides(), values.strides(), order.strides());
        int n = in.dim(dim);
        this.keys = new long[n];
        this.line = new double[in.dtype().isFloating() ? n : 0];
        this.from = new int[n];
        this.to = new int[n];
    }

    @Override
    public void run(MemorySegment scratch) {
        boolean floating = in.dtype().isFloating();
        for (lines.reset(); lines.next();) {
            for (int i = 0; i < keys.length; i++) {
                long at = lines.at(0) + (long) i * in.stride(dim);
                if (floating) {
                    line[i] = in.getDouble(at);
                }
                long key = floating ? key(line[i]) : in.getLong(at);
                keys[i] = descending ? ~key : key;
                from[i] = i;
            }
            sort();
            // The line was read as a whole, so the values may replace the input.
            for (int i = 0; i < values.dim(dim); i++) {
                long at = lines.at(1) + (long) i * values.stride(dim);
                if (floating) {
                    values.setDouble(at, line[from[i]]);
                } else {
                    values.setLong(at, descending ? ~keys[from[i]] : keys[from[i]]);
                }
                order.setLong(lines.at(2) + (long) i * order.stride(dim), from[i]);
            }
        }
    }

    /// Bits whose signed order is that of the numbers. Adding 0 turns −0 into +0.
    private static long key(double v) {
        long bits = Double.doubleToLongBits(v + 0.0);
        return bits ^ (bits >> 63 & Long.MAX_VALUE);
    }

    private void sort() {
        int n = keys.length;
        for (int width = 1; width < n; width *= 2) {
            for (int start = 0; start < n; start += 2 * width) {
                merge(start, Math.min(start + width, n), Math.min(start + 2 * width, n));
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
    }

    private void merge(int start, int middle, int end) {
        int a = start;
        int b = middle;
        for (int i = start; i < end; i++) {
            boolean left = a < middle && (b >= end || keys[from[a]] <= keys[from[b]]);
            to[i] = left ? from[a++] : from[b++];
        }
    }
}
