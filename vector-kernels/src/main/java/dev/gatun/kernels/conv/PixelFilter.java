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
        to = OffHeap.of(to);
        int oc = w.dim(0);
        int taps = w.dim(2) * w.dim(3);
        int k = taps * w.dim(1);
        for (int first = 0; first < oc; first += type.lanes()) {
            long at = 4L * first * k;
            for (int tap = 0; tap < taps; tap++) {
                for (int c = 0; c < w.dim(1); c++) {
                    for (int o = 0; o < type.lanes(); o++) {
                        to.set(FLOAT, at + 4L * o, first + o < oc ? weight(w, first + o, c, tap) : 0f);
                    }
                    at += type.bytes();
                }
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
