package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Split;
import java.lang.foreign.MemorySegment;

/// Maths: `B[pixel, (u, v, c)] = x[c, tap (u, v) of the pixel]` as panels of a product whose sums run over pixels.
/// Layout: x is staged with channels last and its zeros, several images one after the other; then what a row of the
/// filter meets lies side by side, and a panel's row is a few pieces of such runs. 1×1 filters need no stage: the
/// channels of a panel are transposed into it.
/// Blocking: a unit (whole images, or pixels of one image) is staged at once, then panels of some of its pixels are laid
/// out one by one, each read from the cache by all rows of the product. As rows of im2col, with all columns side by
/// side, every row of a panel lay in a page of its own: half the speed of the product.
/// Registers: none to speak of. Evidence: docs/kernels-conv.md.
final class TapPanels {
    private final ConvSpec spec;
    private final View x;
    private final int oh;
    private final int ow;
    private final int kh;
    private final int channels;
    private final Split columns;
    private final boolean isPlain;
    private final int stagedColumns;
    private final int stagedRows;
    private final long imageBytes;
    private final int images;
    /// Per panel its first piece; per piece where it lies in the stage and in the panel's rows, and its length.
    private final int[] firstPiece;
    private final int[] pieceFrom;
    private final int[] pieceTo;
    private final int[] pieceLength;

    /// @param columns the cut of the taps and channels, in vectors
    /// @param images most images of a unit
    /// @param pixels most pixels of a unit of one image
    TapPanels(ConvSpec spec, View x, View gy, View gw, Split columns, int images, int pixels) {
        this.spec = spec;
        this.x = x;
        this.columns = columns;
        this.images = images;
        oh = gy.dim(2);
        ow = gy.dim(3);
        kh = gw.dim(2);
        channels = gw.dim(1);
        int kw = gw.dim(3);
        isPlain = kh * kw == 1 && spec.strideH() == 1 && spec.strideW() == 1 && x.dim(2) == oh && x.dim(3) == ow;
        int across = oh == 1 ? Math.min(ow, pixels) : ow;
        int down = Math.min(oh, (pixels + ow - 2) / Math.max(1, ow) + 1);
        stagedColumns = (across - 1) * spec.strideW() + (kw - 1) * spec.dilationW() + 1;
        stagedRows = (down - 1) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
        imageBytes = 4L * stagedColumns * stagedRows * channels;
        // Taps of a row of the filter follow each other where it has no holes.
        int run = spec.dilationW() == 1 ? kw * channels : channels;
        int runs = run == 0 ? 0 : kh * kw * channels / run;
        int most = columns.count() + runs;
        firstPiece = new int[columns.count() + 1];
        pieceFrom = new int[most];
        pieceTo = new int[most];
        pieceLength = new int[most];
        int pieces = 0;
        for (int j = 0; j < columns.count(); j++) {
            int end = Math.min(run * runs, columns.start(j + 1) * VL);
            for (int at = columns.start(j) * VL; at < end; at += pieceLength[pieces++]) {
                int r = at / run;
                pieceFrom[pieces] = Math.toIntExact(runAt(r, runs) + at % run);
                pieceTo[pieces] = at - columns.start(j) * VL;
                pieceLength[pieces] = Math.min(end, (r + 1) * run) - at;
            }
            firstPiece[j + 1] = pieces;
        }
    }

    /// Element of the stage that run `r` begins with.
    private long runAt(int r, int runs) {
        int perLine = runs / kh;
        return ((long) r / perLine * spec.dilationH() * stagedColumns + r % perLine * spec.dilationW()) * channels;
    }

    /// Bytes of the stage.
    long stagedBytes() {
        return isPlain ? 0 : (images * imageBytes + 63 & ~63L) + BYTES;
    }

    /// Bytes of a panel for sums over `k` pixels.
    long panelBytes(int k) {
        return (long) k * columns.largest() * BYTES;
    }

    /// Stages what pixels `q0 … q1 − 1` of an image need, as image `i` of the unit.
    ///
    /// @param from byte of element (0, 0, 0) of the image
    /// @param step bytes from one channel to the next
    /// @param room of [Transposition#scratchBytes] bytes
    void stage(long from, long step, int q0, int q1, int i, MemorySegment to, long stage, long room) {
        if (isPlain) {
            return;
        }
        long at = stage + i * imageBytes;
        int i0 = q0 / ow;
        int top = i0 * spec.strideH() - spec.padTop();
        int rows = ((q1 - 1) / ow - i0) * spec.strideH() + (kh - 1) * spec.dilationH() + 1;
        int left = (oh == 1 ? q0 * spec.strideW() : 0) - spec.padLeft();
        int first = Math.clamp(-left, 0, stagedColumns);
        int last = Math.clamp(x.dim(3) - left, first, stagedColumns);
        long pixel = 4L * channels;
        long line = pixel * stagedColumns;
        if (first > 0 || last < stagedColumns || top < 0 || top + rows > x.dim(2)) {
            ChannelsLast.zero(to, at, rows * line);
        }
        for (int r = 0; r < rows; r++) {
            int y = top + r;
            if (y >= 0 && y < x.dim(2) && first < last) {
                long source = from + 4L * ((long) y * x.dim(3) + left + first);
                ChannelsLast.row(x.segment(), source, step, channels, last - first, to,
                        at + r * line + first * pixel, pixel, room);
            }
        }
    }

    /// Lays out panel `j` for pixels `p0 … p1 − 1` of image `i` of the unit.
    ///
    /// @param q0 the pixel that [#stage] was given
    /// @param to where the row of pixel `p0` comes to lie
    void panel(
            int j, long from, long step, int q0, int i, int p0, int p1, MemorySegment memory, long stage, long to,
            long room) {
        long rowBytes = (long) columns.size(j) * BYTES;
        if (isPlain) {
            int c0 = columns.start(j) * VL;
            int c = Math.min(channels, columns.start(j + 1) * VL) - c0;
            ChannelsLast.row(x.segment(), from + c0 * step + 4L * p0, step, c, p1 - p0, memory, to, rowBytes, room);
            return;
        }
        long pixel = 4L * channels;
        long line = pixel * stagedColumns;
        int i0 = q0 / ow;
        for (int p = p0; p < p1;) {
            int column = oh == 1 ? p - q0 : p % ow;
            int count = oh == 1 ? p1 - p : Math.min(ow - column, p1 - p);
            long source = stage + i * imageBytes + (long) (p / ow - i0) * spec.strideH() * line
                    + column * spec.strideW() * pixel;
            long target = to + (p - p0) * rowBytes;
            for (int piece = firstPiece[j]; piece < firstPiece[j + 1]; piece++) {
                RowCopies.rows(
                        memory, source + 4L * pieceFrom[piece], spec.strideW() * pixel, pieceLength[piece], memory,
                        target + 4L * pieceTo[piece], rowBytes, count);
            }
            p += count;
        }
    }
}
