package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/// Maths: none; weights `[oc, c, kh, kw]` laid out for images that lie channels last.
/// Layout: for products, vectors of outputs one after the other as those of a packed matrix; row
/// (u, v, channel) of each meets the numbers of x in the order in which they lie; for one filter per channel,
/// `[vector of channels][kh·kw][lane]`.
/// Blocking: none, done once. Registers: none. Evidence: docs/kernels-conv.md.
final class PixelFilter {
    private PixelFilter() {}

    /// Bytes for products.
    static long bytes(VectorType type, View w) {
        return Tiling.of(type, 1, w.dim(0)).rowBytes() * w.dim(1) * w.dim(2) * w.dim(3);
    }

    static void pack(VectorType type, View w, MemorySegment to) {
        int k = w.dim(1) * w.dim(2) * w.dim(3);
        for (int first = 0; first < w.dim(0); first += type.lanes()) {
            panel(
                    type.lanes(), w.segment(), w.offset() + 4L * first * w.stride(0), 4L * w.stride(0),
                    4L * w.stride(1),
                    Math.min(type.lanes(), w.dim(0) - first), w.dim(1), w.dim(2) * w.dim(3), to, 4L * first * k);
        }
    }

    /// A vector of outputs for products: of `outputs` filters `filterStep` bytes apart, whose channels lie `channelStep` bytes
    /// apart and whose taps side by side; zeros behind them.
    static void panel(
            int lanes, MemorySegment w, long from, long filterStep, long channelStep, int outputs, int channels,
            int taps, MemorySegment to, long at) {
        w = OffHeap.of(w);
        to = OffHeap.of(to);
        for (int tap = 0; tap < taps; tap++) {
            for (int c = 0; c < channels; c++) {
                long source = from + c * channelStep + 4L * tap;
                for (int o = 0; o < lanes; o++) {
                    to.set(FLOAT, at + 4L * o, o < outputs ? w.get(FLOAT, source + o * filterStep) : 0f);
                }
                at += 4L * lanes;
            }
        }
    }

    /// Bytes for one filter per channel.
    static long depthwiseBytes(View w) {
        return (long) Math.ceilDiv(w.dim(0), VL) * w.dim(2) * w.dim(3) * BYTES;
    }

    /// One filter per channel, at least [PixelTaps#LEAST] of them. The last vector overlaps the one before.
    static void packDepthwise(View w, MemorySegment to) {
        to = OffHeap.of(to);
        int taps = w.dim(2) * w.dim(3);
        long at = 0;
        for (int c = 0; c < w.dim(0); c += VL) {
            int first = Math.min(c, w.dim(0) - VL);
            for (int tap = 0; tap < taps; tap++) {
                for (int o = first; o < first + VL; o++) {
                    to.set(FLOAT, at, weight(w, o, 0, tap));
                    at += 4;
                }
            }
        }
    }

    private static float weight(View w, int o, int c, int tap) {
        long at = (long) o * w.stride(0) + (long) c * w.stride(1) + tap;
        return OffHeap.of(w.segment()).get(FLOAT, w.offset() + 4 * at);
    }
}
