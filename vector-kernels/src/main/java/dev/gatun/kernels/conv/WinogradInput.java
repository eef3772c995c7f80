package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;

/// Maths: `V[p, q][tile][c] = (Bᵀ d B)[p, q]` for the tiles of a block and one vector of channels.
/// Layout: planes are turned to pixels of channels first, `[pixel][c]`, images that lie channels last are copied; then a line of tiles goes down (columns that
/// neighbours share are transformed once) and across.
/// Blocking: a line at a time; its half-transformed columns stay in the first-level cache. Rows outside the image are
/// one row of zeros, columns outside stay zero in the half-transformed line.
/// Registers: see [TileTransform]. Evidence: docs/kernels-conv.md.
final class WinogradInput {
    private final TileTransform transform;
    private final WinogradShape shape;
    private final Operand source;
    private final int groups;
    private final int top;
    private final int left;
    private final long zerosBytes;
    private final long halfGap;
    private final long halfBytes;
    private final long pixelBytes;
    private final long planeBytes;

    WinogradInput(TileTransform transform, WinogradShape shape, Operand source, int groups) {
        this.transform = transform;
        this.shape = shape;
        this.source = source;
        this.groups = groups;
        Correlation s = shape.s();
        top = Correlation.min(s.dy());
        left = Correlation.min(s.dx());
        zerosBytes = (long) s.w() * BYTES;
        halfGap = WinogradFilter.odd((long) shape.inputColumns() * BYTES);
        halfBytes = shape.size() * halfGap;
        long pixels = Math.ceilDiv((long) shape.inputRows() * s.w(), VL) * VL;
        pixelBytes = pixels * BYTES;
        planeBytes = isChannelsLast() || (s.channels() % VL == 0 && s.w() >= VL) ? 0 : pixels * 4 * VL;
    }

    private boolean isChannelsLast() {
        return source.column() > 4;
    }

    /// Vectors of channels.
    int parts() {
        return Math.ceilDiv(shape.s().channels(), VL);
    }

    long scratchBytes() {
        return zerosBytes + halfBytes + pixelBytes + planeBytes + Transposition.scratchBytes();
    }

    /// Vector `part` of the channels of block `block` of group `g`, to V at byte `v`.
    void run(int g, int block, int part, MemorySegment scratch, long v, long room, long[] at) {
        ChannelsLast.zero(scratch, room, zerosBytes + halfBytes);
        int first = shape.lines().start(block);
        int end = shape.lines().start(block + 1);
        int down = shape.down();
        for (int line = first; line < end;) {
            int i0 = line % down;
            int i1 = Math.min(down, i0 + end - line);
            int image = line / down * groups + g;
            image(image, part, i0, i1, scratch,
                    v + 4L * (line - first) * shape.across() * shape.inputRow() + (long) part * BYTES, room, at);
            line += i1 - i0;
        }
    }

    private void image(int b, int part, int i0, int i1, MemorySegment scratch, long v, long room, long[] at) {
        Correlation s = shape.s();
        int m = shape.m();
        int y0 = Math.clamp(i0 * m + top, 0, s.h());
        int y1 = Math.clamp((i1 - 1) * m + top + shape.size(), y0, s.h());
        long half = room + zerosBytes;
        long pixels = half + halfBytes;
        turn(b, part, y0 * s.w(), (y1 - y0) * s.w(), scratch, pixels);
        int x0 = Math.max(0, left);
        int x1 = Math.min(s.w(), left + shape.inputColumns());
        long tileBytes = 4L * shape.inputRow();
        for (int i = i0; i < i1; i++) {
            for (int u = 0; u < at.length; u++) {
                int y = i * m + top + u;
                at[u] = (y >= y0 && y < y1 ? pixels + (long) (y - y0) * s.w() * BYTES : room) + (long) x0 * BYTES;
            }
            transform.input(scratch, at, BYTES, half + (long) (x0 - left) * BYTES, halfGap, BYTES, x1 - x0);
            for (int p = 0; p < at.length; p++) {
                for (int u = 0; u < at.length; u++) {
                    at[u] = half + p * halfGap + (long) u * BYTES;
                }
                transform.input(
                        scratch, at, (long) m * BYTES,
                        v + p * at.length * shape.inputPosition() + (i - i0) * shape.across() * tileBytes,
                        shape.inputPosition(), tileBytes, shape.across());
            }
        }
    }

    /// Pixels `q0 … q0 + count − 1` of a vector of channels, `[pixel][c]`, zeros for channels that are not there.
    private void turn(int b, int part, int q0, int count, MemorySegment scratch, long to) {
        int channels = Math.min(VL, shape.s().channels() - part * VL);
        long from = source.starts()[b] + part * VL * source.row() + q0 * source.column();
        if (isChannelsLast()) {
            ChannelsLast.vectors(source.segment(), from, source.column(), scratch, to, BYTES, count);
            return;
        }
        long trip = to + pixelBytes + planeBytes;
        long step = (long) VL * BYTES;
        int blocks = count / VL;
        if (channels == VL && count >= VL) {
            Transposition.run(
                    source.segment(), from, source.row(), BYTES, scratch, to, BYTES, step, blocks, scratch, trip);
            if (blocks * VL < count) {
                int last = count - VL;
                Transposition.run(
                        source.segment(), from + 4L * last, source.row(), BYTES, scratch, to + (long) last * BYTES,
                        BYTES, step, 1, scratch, trip);
            }
        } else if (count > 0) {
            long planes = to + pixelBytes;
            long pitch = (long) Math.ceilDiv(count, VL) * BYTES;
            for (int c = 0; c < VL; c++) {
                if (c < channels) {
                    MemorySegment.copy(
                            source.segment(), from + c * source.row(), scratch, planes + c * pitch, 4L * count);
                } else {
                    ChannelsLast.zero(scratch, planes + c * pitch, pitch);
                }
            }
            Transposition.run(
                    scratch, planes, pitch, BYTES, scratch, to, BYTES, step, Math.ceilDiv(count, VL), scratch, trip);
        }
    }
}
