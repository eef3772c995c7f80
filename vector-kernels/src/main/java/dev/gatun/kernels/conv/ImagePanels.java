package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import java.lang.foreign.MemorySegment;

/// Maths: the panels of `B[(c, t), pixel] = source[c, i·sh + dy[t], j·sw + dx[t]]`, never the whole matrix.
/// Layout: panels as the product wants them; the source is the image itself where it is dense (1×1 convolutions), else
/// a block of it staged with padding.
/// Blocking: per block of panels and of the sum, the rows and channels they need are staged in the worker's scratch.
/// Registers: see [Panels] and [Staging]. Evidence: docs/kernels-conv.md.
final class ImagePanels {
    private final Correlation s;
    private final Tiling tiling;
    private final boolean direct;
    private final int cols;
    private final int minY;
    private final int minX;
    private final int columnsOfPhase;
    private final int pitch;
    private final int channelStep;
    private final int stagedChannels;
    private final boolean[] used;
    private final int[] offsets;
    private final long sourceStep;
    private final long rowBytes;

    /// @param channelBytes from one channel of the source to the next
    /// @param block largest number of pixels in a block
    /// @param direct read the source where it is; it must be dense
    ImagePanels(Correlation s, long channelBytes, Tiling tiling, Split depth, int block, boolean direct) {
        this.s = s;
        this.tiling = tiling;
        sourceStep = channelBytes;
        this.direct = direct;
        cols = direct ? s.pixels() : s.cols();
        int taps = s.taps();
        offsets = new int[s.k()];
        used = new boolean[s.sh()];
        if (direct || taps == 0) {
            minY = 0;
            minX = 0;
            columnsOfPhase = 0;
            pitch = 0;
            channelStep = 0;
            stagedChannels = 0;
            for (int p = 0; p < offsets.length; p++) {
                int t = p % taps;
                offsets[p] = Math.toIntExact(p / taps * (channelBytes / 4) + (long) s.dy()[t] * s.w() + s.dx()[t]);
            }
        } else {
            minY = Correlation.min(s.dy());
            minX = Correlation.min(s.dx());
            int pixels = Math.clamp(s.pixels(), 1, Math.max(1, block));
            int rows = Math.min(s.rows(), (pixels + s.cols() - 2) / s.cols() + 1);
            int columns = s.rows() == 1 ? pixels : s.cols();
            columnsOfPhase = Math.ceilDiv(columns + (Correlation.max(s.dx()) - minX) / s.sw(), VL) * VL;
            pitch = columnsOfPhase * s.sw();
            channelStep = Math.multiplyExact((rows - 1) * s.sh() + Correlation.max(s.dy()) - minY + 1, pitch);
            int channels = 0;
            for (int d = 0; d < depth.count(); d++) {
                channels = Math.max(channels, (depth.start(d + 1) - 1) / taps - depth.start(d) / taps + 1);
            }
            stagedChannels = channels;
            int[] tapOffsets = new int[taps];
            for (int t = 0; t < taps; t++) {
                int right = s.dx()[t] - minX;
                tapOffsets[t] = (s.dy()[t] - minY) * pitch + right % s.sw() * columnsOfPhase + right / s.sw();
                used[(s.dy()[t] - minY) % s.sh()] = true;
            }
            for (int p = 0; p < offsets.length; p++) {
                offsets[p] = Math.addExact(Math.multiplyExact(p / taps, channelStep), tapOffsets[p % taps]);
            }
        }
        rowBytes = 4L * (pitch + 4L * VL) + 63 & ~63L;
    }

    /// Bytes of scratch memory for [#pack]: a row to split, the staged rows, and room for a vector on either side.
    long scratchBytes() {
        return direct ? 0 : rowBytes + (4L * stagedChannels * channelStep + 2L * BYTES + 63 & ~63L);
    }

    /// Packs rows `p0 … p1 − 1` of panels `j0 … j1 − 1` to `to` at byte `at`, panel after panel.
    ///
    /// @param image byte of element (0, 0, 0) of the source
    void pack(
            MemorySegment x, long image, int p0, int p1, int j0, int j1, MemorySegment scratch, long room,
            MemorySegment to, long at) {
        if (p0 == p1 || s.taps() == 0) {
            return;
        }
        int first = tiling.columns().start(j0) * VL;
        int last = Math.min(s.pixels(), tiling.columns().start(j1) * VL);
        long base = image;
        MemorySegment source = x;
        if (!direct) {
            base = stage(x, image, p0, p1, first, last, scratch, room);
            source = scratch;
        }
        long target = at;
        long apart = (long) (p1 - p0) * BYTES;
        for (int j = j0; j < j1; j++) {
            int vectors = tiling.columns().size(j);
            for (int v = quad(source, base, p0, p1, j, first, to, target) ? vectors : 0; v < vectors; v++) {
                int q = (tiling.columns().start(j) + v) * VL;
                vector(source, base, p0, p1, q, first, to, target + v * apart);
            }
            target += vectors * apart;
        }
    }

    /// A panel of four vectors at once, where none of them has more than two pieces.
    private boolean quad(
            MemorySegment source, long base, int p0, int p1, int j, int first, MemorySegment to, long at) {
        int q = tiling.columns().start(j) * VL;
        if (tiling.columns().size(j) != 4 || q + 4 * VL > s.pixels()) {
            return false;
        }
        if (direct) {
            Panels.copy4(source, offsets, p0, p1, base + 4L * q, to, at);
            return true;
        }
        int q1 = q + VL;
        int q2 = q1 + VL;
        int q3 = q2 + VL;
        Panels.join4(
                source, offsets, p0, p1, base + 4L * pixel(q, first), base + 4L * next(q, first), lane(q),
                base + 4L * pixel(q1, first), base + 4L * next(q1, first), lane(q1),
                base + 4L * pixel(q2, first), base + 4L * next(q2, first), lane(q2),
                base + 4L * pixel(q3, first), base + 4L * next(q3, first), lane(q3), to, at);
        for (int v = 0; v < 4; v++) {
            third(source, base, p0, p1, q + v * VL, first, to, at + (long) v * (p1 - p0) * BYTES);
        }
        return true;
    }

    /// The pieces of a vector after the second, of images narrower than a vector.
    private void third(
            MemorySegment source, long base, int p0, int p1, int q, int first, MemorySegment to, long at) {
        for (int lane = cols - q % cols + cols; lane < VL && q + lane < s.pixels(); lane += cols) {
            Panels.over(source, offsets, p0, p1, base + 4L * (pixel(q + lane, first) - lane), lane, to, at);
        }
    }

    /// Lanes of the vector at pixel `q` up to the end of the image row.
    private int lane(int q) {
        return Math.min(VL, cols - q % cols);
    }

    /// Where the lanes behind the end of the row would begin at lane 0.
    private long next(int q, int first) {
        int lane = lane(q);
        return lane == VL ? pixel(q, first) : pixel(q + lane, first) - lane;
    }

    private void vector(
            MemorySegment source, long base, int p0, int p1, int q, int first, MemorySegment to, long at) {
        if (direct) {
            if (q + VL <= s.pixels()) {
                Panels.copy(source, offsets, p0, p1, base + 4L * q, to, at);
            } else {
                Panels.copyPart(source, offsets, p0, p1, base + 4L * q, s.pixels() - q, to, at);
            }
            return;
        }
        long from = base + 4L * pixel(q, first);
        int lane = cols - q % cols;
        if (lane >= VL || q + lane >= s.pixels()) {
            Panels.copy(source, offsets, p0, p1, from, to, at);
            return;
        }
        long next = base + 4L * (pixel(q + lane, first) - lane);
        Panels.join(source, offsets, p0, p1, from, next, lane, to, at);
        third(source, base, p0, p1, q, first, to, at);
    }

    /// Element of output pixel `q` in the staged rows of channel 0, tap offsets apart; `first` is the block's first.
    long pixel(int q, int first) {
        if (s.rows() == 1) {
            return (long) q - first;
        }
        return (long) (q / cols - first / cols) * s.sh() * pitch + q % cols;
    }

    /// Stages what rows `p0 … p1 − 1` of pixels `first … last − 1` need. Their numbers then lie [#offsets] apart from
    /// [#pixel] elements after the byte that is returned.
    long stage(
            MemorySegment x, long image, int p0, int p1, int first, int last, MemorySegment scratch, long room) {
        int c0 = p0 / s.taps();
        int c1 = (p1 - 1) / s.taps() + 1;
        long base = room + rowBytes + BYTES;
        int i0 = first / cols;
        int i1 = (last - 1) / cols + 1;
        int top = i0 * s.sh() + minY;
        int rows = (i1 - 1 - i0) * s.sh() + channelRows();
        int left = (s.rows() == 1 ? first : 0) * s.sw() + minX;
        int inside = Math.clamp(-top, 0, rows);
        int outside = Math.clamp(s.h() - top, inside, rows);
        long sourceRow = 4L * s.w();
        for (int c = c0; c < c1; c++) {
            long from = image + c * sourceStep + top * sourceRow;
            long to = base + 4L * (c - c0) * channelStep;
            if (s.sw() == 1 && s.sh() == 1) {
                Staging.rows(x, from, sourceRow, s.w(), left, inside, outside, scratch, to, 4L * pitch, pitch, rows);
                continue;
            }
            for (int r = 0; r < rows; r++) {
                if (used[r % s.sh()]) {
                    long row = s.sw() == 1 ? to + 4L * r * pitch : room;
                    boolean valid = r >= inside && r < outside;
                    Staging.rows(x, from + r * sourceRow, sourceRow, s.w(), left, valid ? 0 : 1, 1, scratch, row,
                            4L * pitch, pitch, 1);
                    if (s.sw() == 2) {
                        Staging.split2(scratch, room, to + 4L * r * pitch, columnsOfPhase);
                    } else if (s.sw() > 2) {
                        Staging.split(scratch, room, to + 4L * r * pitch, s.sw(), columnsOfPhase);
                    }
                }
            }
        }
        return base - 4L * c0 * channelStep;
    }

    /// Per row of the panels, elements from its pixel to its number.
    int[] offsets() {
        return offsets;
    }

    private int channelRows() {
        return Correlation.max(s.dy()) - minY + 1;
    }
}
