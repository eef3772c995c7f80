package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Maths: turns rows of an image `[c][x]` into `[x][c]`.
/// Layout: channels of a pixel side by side, pixels any stride apart; rows and channels of at least a vector by [Transposition], smaller ones number by number
/// in blocks of 4 by 4. Not in 128-bit vectors: what the JVM learns of the vector classes in the JDK's methods is shared
/// by all kernels, and a second width made C2 box the vectors of products compiled later (a session after a training
/// allocated on every call).
/// Blocking: one image row at a time; what is left over overlaps the block before, in small ones it goes one by one.
/// Registers: none to speak of. Evidence: docs/kernels-conv.md.
final class ChannelsLast {

    private ChannelsLast() {}

    /// `to[x][k] = x[k][x]` for `w` pixels of `c` channels that lie `step` bytes apart, pixels of the target `pixel` bytes
    /// apart; `room` is the place of [Transposition#scratchBytes] bytes in `to`.
    static void row(
            MemorySegment x, long from, long step, int c, int w, MemorySegment to, long at, long pixel, long room) {
        if (c >= VL && w >= VL) {
            blocks(x, from, step, c, w, to, at, pixel, room);
            return;
        }
        int k = 0;
        for (; k <= c - 4; k += 4) {
            block(x, from + k * step, step, w, to, at + 4L * k, pixel);
        }
        for (; k < c; k++) {
            line(x, from + k * step, w, to, at + 4L * k, pixel);
        }
    }

    /// Square blocks of a vector's length; those at the ends overlap the ones before.
    private static void blocks(
            MemorySegment x, long from, long step, int c, int w, MemorySegment to, long at, long pixel, long room) {
        for (int i = 0; i < c; i += VL) {
            int k = Math.min(i, c - VL);
            long source = from + k * step;
            long target = at + 4L * k;
            Transposition.run(x, source, step, BYTES, to, target, pixel, VL * pixel, w / VL, to, room);
            if (w % VL != 0) {
                int j = w - VL;
                Transposition.run(x, source + 4L * j, step, 0, to, target + j * pixel, pixel, 0, 1, to, room);
            }
        }
    }

    private static void line(MemorySegment x, long from, int w, MemorySegment to, long at, long pixel) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        for (int i = 0; i < w; i++) {
            to.set(FLOAT, at + i * pixel, x.get(FLOAT, from + 4L * i));
        }
    }

    private static void block(
            MemorySegment x, long from, long step, int w, MemorySegment to, long at, long pixel) {
        x = OffHeap.of(x);
        to = OffHeap.of(to);
        int i = 0;
        for (; i <= w - 4; i += 4) {
            long p = from + 4L * i;
            long q = at + i * pixel;
            for (int k = 0; k < 4; k++) {
                for (int u = 0; u < 4; u++) {
                    to.set(FLOAT, q + u * pixel + 4L * k, x.get(FLOAT, p + k * step + 4L * u));
                }
            }
        }
        for (; i < w; i++) {
            long p = from + 4L * i;
            long q = at + i * pixel;
            to.set(FLOAT, q, x.get(FLOAT, p));
            to.set(FLOAT, q + 4, x.get(FLOAT, p + step));
            to.set(FLOAT, q + 8, x.get(FLOAT, p + 2 * step));
            to.set(FLOAT, q + 12, x.get(FLOAT, p + 3 * step));
        }
    }

    /// One vector of each of `count` pixels.
    static void vectors(
            MemorySegment x, long from, long step, MemorySegment y, long to, long toStep, int count) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        for (int i = 0; i < count; i++) {
            fromMemorySegment(F, x, from + i * step, ORDER).intoMemorySegment(y, to + i * toStep, ORDER);
        }
    }

    /// Zeros, up to the end of the last vector.
    static void zero(MemorySegment s, long at, long bytes) {
        s = OffHeap.of(s);
        FloatVector zero = FloatVector.zero(F);
        int vectors = Math.toIntExact((bytes + BYTES - 1) / BYTES);
        for (int k = 0; k < vectors; k++) {
            zero.intoMemorySegment(s, at + (long) k * BYTES, ORDER);
        }
    }
}
