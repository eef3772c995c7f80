package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.gemm.Split;

/// Which tiles there are and where their numbers lie: tiles of m by m outputs cover each image; a line of tiles is the
/// unit of work, lines of all images of a group follow each other, and a block is a run of lines.
///
/// @param s the correlation of one image, three by three taps, step 1
/// @param images number of images
/// @param oc outputs of a group
/// @param m outputs per side of a tile
/// @param lines the cut of all lines into blocks
record WinogradShape(Correlation s, int images, int oc, int m, Split lines) {
    private static final int MIN_TILES = 16;
    private static final int FEW_TILES = 64;

    /// Cuts the lines. V and M of a block take a quarter of the second-level cache (half was slower); but when U is too large to stay there, it
    /// comes by once per block, and blocks are made larger, since V and M are then written and read once per use of U.
    static WinogradShape of(
            Correlation s, int images, int oc, int m, WinogradFilter filter, int threads, long cache) {
        int across = Math.ceilDiv(s.cols(), m);
        int total = Math.multiplyExact(images, Math.ceilDiv(s.rows(), m));
        long l2 = cache > 0 ? cache : 1 << 20;
        long tile = (m + 2L) * (m + 2) * (4L * s.channels() + 4L * oc);
        long tiles = Math.max(MIN_TILES, l2 / 4 / tile);
        if (!filter.fits()) {
            tiles = Math.max(tiles, FEW_TILES);
        } else if (threads > 1) {
            long even = Math.ceilDiv((long) total * across, 2L * threads);
            tiles = Math.min(tiles, Math.max(even, MIN_TILES));
        }
        int most = Math.clamp(tiles / Math.max(1, across), 1, Math.max(1, total));
        return new WinogradShape(s, images, oc, m, new Split(total, most));
    }

    int size() {
        return m + 2;
    }

    int positions() {
        return size() * size();
    }

    /// Tiles of a line.
    int across() {
        return Math.ceilDiv(s.cols(), m);
    }

    /// Lines of an image.
    int down() {
        return Math.ceilDiv(s.rows(), m);
    }

    /// Tiles of the largest block.
    int tiles() {
        return lines.count() == 0 ? 0 : lines.largest() * across();
    }

    /// Elements from one tile to the next in V, `[position][tile][channel]`.
    int inputRow() {
        return Math.ceilDiv(s.channels(), VL) * VL;
    }

    long inputPosition() {
        return WinogradFilter.odd(4L * inputRow() * tiles());
    }

    /// Bytes from one tile to the next in M, `[position][tile][output]`.
    long outputRow() {
        return (long) Math.ceilDiv(oc, VL) * BYTES;
    }

    long outputPosition() {
        return WinogradFilter.odd(outputRow() * tiles());
    }

    /// Bytes of V and M.
    long blockBytes() {
        return positions() * (inputPosition() + outputPosition());
    }

    /// Lines of one image that a block can hold.
    private int linesAtOnce() {
        return Math.min(lines.count() == 0 ? 0 : lines.largest(), down());
    }

    /// Rows of the source that the lines of a block in one image need at most.
    int inputRows() {
        return Math.min(s.h(), linesAtOnce() * m + 2);
    }

    int outputRows() {
        return Math.min(s.rows(), linesAtOnce() * m);
    }

    /// Columns that the tiles of a line cover, inputs around them included.
    int inputColumns() {
        return across() * m + 2;
    }
}
