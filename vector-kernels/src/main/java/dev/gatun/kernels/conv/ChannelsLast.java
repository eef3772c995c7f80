package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static dev.gatun.kernels.image.Lanes.VL;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Maths: turns rows of an image `[c][x]` into `[x][c]`, and lays out from that the rows of im2col by pixel: the taps of
/// a pixel in one filter row are then side by side.
/// Layout: `to[x·c + channel]`; blocks of 4 channels by 4 pixels in 128-bit vectors, whatever the machine has.
/// Blocking: one image row at a time; channels and pixels left over one by one.
/// Registers: 4 rows and 4 columns. Evidence: docs/kernels-conv.md.
final class ChannelsLast {
    private static final VectorSpecies<Float> Q = FloatVector.SPECIES_128;
    private static final VectorShuffle<Float> LOW = VectorShuffle.fromValues(Q, 0, 0, 1, 1);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromValues(Q, 2, 2, 3, 3);
    private static final VectorShuffle<Float> PAIR = VectorShuffle.fromValues(Q, 0, 1, 0, 1);
    private static final VectorShuffle<Float> REST = VectorShuffle.fromValues(Q, 2, 3, 2, 3);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(Q, 0b1010);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(Q, 0b1100);

    private ChannelsLast() {}

    /// `to[x·c + k] = x[k][x]` for `w` pixels of `c` channels that lie `step` bytes apart.
    static void row(MemorySegment x, long from, long step, int c, int w, MemorySegment to, long at) {
        int k = 0;
        for (; k <= c - 4; k += 4) {
            block(x, from + k * step, step, c, w, to, at + 4L * k);
        }
        for (; k < c; k++) {
            line(x, from + k * step, w, to, at + 4L * k, 4L * c);
        }
    }

    private static void line(MemorySegment x, long from, int w, MemorySegment to, long at, long pixel) {
        for (int i = 0; i < w; i++) {
            to.set(FLOAT, at + i * pixel, x.get(FLOAT, from + 4L * i));
        }
    }

    private static void block(MemorySegment x, long from, long step, int c, int w, MemorySegment to, long at) {
        long pixel = 4L * c;
        int i = 0;
        for (; i <= w - 4; i += 4) {
            long p = from + 4L * i;
            FloatVector a = fromMemorySegment(Q, x, p, ORDER);
            FloatVector b = fromMemorySegment(Q, x, p + step, ORDER);
            FloatVector d = fromMemorySegment(Q, x, p + 2 * step, ORDER);
            FloatVector e = fromMemorySegment(Q, x, p + 3 * step, ORDER);
            FloatVector ab = a.rearrange(LOW).blend(b.rearrange(LOW), ODD);
            FloatVector de = d.rearrange(LOW).blend(e.rearrange(LOW), ODD);
            FloatVector abHigh = a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD);
            FloatVector deHigh = d.rearrange(HIGH).blend(e.rearrange(HIGH), ODD);
            long q = at + i * pixel;
            ab.blend(de.rearrange(PAIR), UPPER).intoMemorySegment(to, q, ORDER);
            ab.rearrange(REST).blend(de, UPPER).intoMemorySegment(to, q + pixel, ORDER);
            abHigh.blend(deHigh.rearrange(PAIR), UPPER).intoMemorySegment(to, q + 2 * pixel, ORDER);
            abHigh.rearrange(REST).blend(deHigh, UPPER).intoMemorySegment(to, q + 3 * pixel, ORDER);
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

    /// Rows of im2col for `pixels` pixels `pixelStep` bytes apart: each is `lines` times `runs` runs of `length`
    /// numbers, `lineStep` and `runStep` bytes apart in the source, one after the other in the target. Stores run over
    /// the end of a row of the target into the next.
    static void gather(
            MemorySegment s, long from, long pixelStep, int pixels, long lineStep, int lines, long runStep, int runs,
            int length, long at, long rowBytes) {
        for (int p = 0; p < pixels; p++) {
            long target = at + p * rowBytes;
            for (int l = 0; l < lines; l++) {
                long source = from + p * pixelStep + l * lineStep;
                for (int r = 0; r < runs; r++) {
                    for (int k = 0; k < length; k += VL) {
                        fromMemorySegment(F, s, source + 4L * k, ORDER).intoMemorySegment(s, target + 4L * k, ORDER);
                    }
                    source += runStep;
                    target += 4L * length;
                }
            }
        }
    }

    /// Bytes that [#gather] may read or write beyond its rows.
    static final int SLACK = BYTES;
}
