package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Maths: one filter per channel, `y[j, c] = Σ w[u, v, c] · x[u, j·s + v, c]` for four results of a row, or one.
/// Layout: channels last, steps in bytes; weights `[kh][kw][c]`. The last vector of channels overlaps the one before.
/// Blocking: results by four, which share the loads of the weights; memory is walked as it lies, channels innermost.
/// Registers: four sums; three weights and up to nine inputs of a filter of width three.
/// Evidence: docs/kernels-conv.md.
final class PixelTaps {
    private PixelTaps() {}

    /// Four results, three taps per row one pixel apart, results one pixel apart: of six inputs each serves up to three.
    static void threeByOne(
            MemorySegment x, long from, long xRow, long xPixel, MemorySegment w, long weights, long wRow, int rows,
            MemorySegment y, long to, long yPixel, int channels) {
        long wTap = 4L * channels;
        for (int c = 0; c < channels; c += VL) {
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector d = a;
            FloatVector e = a;
            for (int u = 0; u < rows; u++) {
                long p = from + u * xRow + lane;
                long q = weights + u * wRow + lane;
                FloatVector w0 = fromMemorySegment(F, w, q, ORDER);
                FloatVector w1 = fromMemorySegment(F, w, q + wTap, ORDER);
                FloatVector w2 = fromMemorySegment(F, w, q + 2 * wTap, ORDER);
                FloatVector x0 = fromMemorySegment(F, x, p, ORDER);
                FloatVector x1 = fromMemorySegment(F, x, p + xPixel, ORDER);
                FloatVector x2 = fromMemorySegment(F, x, p + 2 * xPixel, ORDER);
                FloatVector x3 = fromMemorySegment(F, x, p + 3 * xPixel, ORDER);
                FloatVector x4 = fromMemorySegment(F, x, p + 4 * xPixel, ORDER);
                FloatVector x5 = fromMemorySegment(F, x, p + 5 * xPixel, ORDER);
                a = x2.fma(w2, x1.fma(w1, x0.fma(w0, a)));
                b = x3.fma(w2, x2.fma(w1, x1.fma(w0, b)));
                d = x4.fma(w2, x3.fma(w1, x2.fma(w0, d)));
                e = x5.fma(w2, x4.fma(w1, x3.fma(w0, e)));
            }
            a.intoMemorySegment(y, to + lane, ORDER);
            b.intoMemorySegment(y, to + yPixel + lane, ORDER);
            d.intoMemorySegment(y, to + 2 * yPixel + lane, ORDER);
            e.intoMemorySegment(y, to + 3 * yPixel + lane, ORDER);
        }
    }

    /// Four results of any width, `step` bytes of x apart, taps `xTap` bytes apart.
    static void four(
            MemorySegment x, long from, long xRow, long xTap, long step, MemorySegment w, long weights, long wRow,
            int rows, int taps, MemorySegment y, long to, long yPixel, int channels) {
        long wTap = 4L * channels;
        for (int c = 0; c < channels; c += VL) {
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            FloatVector d = a;
            FloatVector e = a;
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < taps; v++) {
                    long p = from + u * xRow + v * xTap + lane;
                    FloatVector f = fromMemorySegment(F, w, weights + u * wRow + v * wTap + lane, ORDER);
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
            MemorySegment x, long from, long xRow, long xTap, MemorySegment w, long weights, long wRow, int rows,
            int taps, MemorySegment y, long to, int channels) {
        long wTap = 4L * channels;
        for (int c = 0; c < channels; c += VL) {
            long lane = 4L * Math.min(c, channels - VL);
            FloatVector a = FloatVector.zero(F);
            for (int u = 0; u < rows; u++) {
                for (int v = 0; v < taps; v++) {
                    FloatVector f = fromMemorySegment(F, w, weights + u * wRow + v * wTap + lane, ORDER);
                    a = f.fma(fromMemorySegment(F, x, from + u * xRow + v * xTap + lane, ORDER), a);
                }
            }
            a.intoMemorySegment(y, to + lane, ORDER);
        }
    }

    /// Fewer channels than this have no whole vector.
    static final int LEAST = BYTES / 4;
}
