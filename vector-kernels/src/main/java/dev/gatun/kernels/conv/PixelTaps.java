package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Maths: one filter per channel, `y[j, c] = Σ w[u, v, c] · x[u, j·s + v, c]` for four results of a row, or one: borders,
/// and filters for which there is no generated kernel.
/// Layout: channels last, steps in bytes; weights `[vector of channels][kh][kw][lane]`. The last vector of channels
/// overlaps the one before.
/// Blocking: results by four, which share the loads of the weights; memory is walked as it lies, channels innermost.
/// Registers: four sums, a weight, four inputs.
/// Evidence: docs/kernels-conv.md.
final class PixelTaps {
    private PixelTaps() {}

    /// Four results of any width, `step` bytes of x apart, taps `xTap` bytes apart.
    static void four(
            MemorySegment x, long from, long xRow, long xTap, long step, MemorySegment w, long weights, long wRow,
            long wVector, int rows, int taps, MemorySegment y, long to, long yPixel, int channels) {
        x = OffHeap.of(x);
        w = OffHeap.of(w);
        y = OffHeap.of(y);
        for (int c = 0; c < channels; c += VL) {
            long filter = weights + c / VL * wVector;
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector d = a;
            FloatVector e = a;
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < taps; v++) {
                    long p = from + u * xRow + v * xTap + lane;
                    FloatVector f = fromMemorySegment(F, w, filter + u * wRow + v * BYTES, ORDER);
                    a = f.fma(fromMemorySegment(F, x, p, ORDER), a);
                    b = f.fma(fromMemorySegment(F, x, p + step, ORDER), b);
                    d = f.fma(fromMemorySegment(F, x, p + 2 * step, ORDER), d);
                    e = f.fma(fromMemorySegment(F, x, p + 3 * step, ORDER), e);
                }
            }
            a.intoMemorySegment(y, to + lane, ORDER);
            b.intoMemorySegment(y, to + yPixel + lane, ORDER);
            d.intoMemorySegment(y, to + 2 * yPixel + lane, ORDER);
            e.intoMemorySegment(y, to + 3 * yPixel + lane, ORDER);
        }
    }

    /// One result; its taps that lie in the image.
    static void one(
            MemorySegment x, long from, long xRow, long xTap, MemorySegment w, long weights, long wRow, long wVector,
            int rows, int taps, MemorySegment y, long to, int channels) {
        x = OffHeap.of(x);
        w = OffHeap.of(w);
        y = OffHeap.of(y);
        for (int c = 0; c < channels; c += VL) {
            long filter = weights + c / VL * wVector;
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector a = FloatVector.zero(F);
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < taps; v++) {
                    FloatVector f = fromMemorySegment(F, w, filter + u * wRow + v * BYTES, ORDER);
                    a = f.fma(fromMemorySegment(F, x, from + u * xRow + v * xTap + lane, ORDER), a);
                }
            }
            a.intoMemorySegment(y, to + lane, ORDER);
        }
    }

    /// Fewer channels than this have no whole vector.
    static final int LEAST = BYTES / 4;
}
