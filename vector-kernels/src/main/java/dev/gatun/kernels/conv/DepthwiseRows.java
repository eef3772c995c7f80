package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.PassShape;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PixelStencilShape;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Maths: `y[i, j, c] = epilogue(Σ w[u, v, c] · x[i·sh + u·dh − pt, j·sw + v·dw − pl, c])` for some rows of one image.
/// Layout: channels last; nothing is copied: at the borders the taps outside are left out.
/// Blocking: a vector of channels at a time through all rows, whose lines of x stay in the first-level cache from one
/// row to the next. What is left over to the right overlaps the tile before. Columns at the border, and filters other
/// than 3 wide with step 1 or 2, go by the methods of [PixelTaps] and a pass with the epilogue.
/// Registers: see the kernels. Evidence: docs/kernels-conv.md.
final class DepthwiseRows {
    private static final int WIDE = 3;

    private final PixelShape s;
    private final MemorySegment weights;
    private final Extras extras;
    private final int columns;
    /// By the number of filter rows inside the image; empty when none fits.
    private final @Nullable MicroKernel[] kernels;
    private final @Nullable MicroKernel pass;
    private final boolean inKernel;
    private final Tile[] tiles;
    private final int full0;
    private final int full1;
    private final long xPixel;
    private final long xRow;

    /// `weights` as [PixelFilter#packDepthwise] left them; at least [PixelTaps#LEAST] channels.
    DepthwiseRows(Machine machine, PixelShape shape, MemorySegment weights, Expr epilogue, Extras extras) {
        this.s = shape;
        this.weights = weights;
        this.extras = extras;
        xPixel = 4L * s.pixel();
        xRow = xPixel * s.w();
        int from = 0;
        while (from < s.ow() && left(from) < 0) {
            from++;
        }
        int to = s.ow();
        while (to > from && left(to - 1) + (s.kw() - 1) * s.spec().dilationW() >= s.w()) {
            to--;
        }
        full0 = from;
        full1 = to;
        boolean plain = epilogue.equals(Expr.input(0));
        boolean perChannel = extras.kinds().stream().allMatch(k -> k == Extra.COLUMNS);
        columns = s.spec().strideW() > 1 ? 2 : full1 - full0 == 5 ? 5 : 4;
        kernels = new @Nullable MicroKernel[WIDE + 1];
        boolean written = s.kw() == WIDE && s.kh() <= WIDE && full1 - full0 >= columns
                && s.spec().dilationH() == 1 && s.spec().dilationW() == 1
                && s.spec().strideH() == s.spec().strideW() && s.spec().strideW() <= 2;
        inKernel = written && perChannel && stencil(machine, s.kh(), epilogue).fits();
        for (int i = 0; i < s.oh() && written; i++) {
            int height = u1(i) - u0(i);
            if (height > 0 && kernels[height] == null) {
                kernels[height] =
                        machine.compiled().stencil(stencil(machine, height, inKernel ? epilogue : Expr.input(0)));
            }
        }
        int tail = s.c() % VL;
        pass = plain ? null
                : machine.compiled().pass(PassShape.over(machine.type(), tail > 0, epilogue, extras.kinds()));
        tiles = new Tile[machine.threads().count()];
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            extras.attach(tile);
            tile.bRow = xRow;
            tile.bTap = xPixel;
            tile.weights = weights;
            tile.vectors = Math.ceilDiv(s.c(), VL);
            tile.tail = tail == 0 ? VL : tail;
            tiles[i] = tile;
        }
    }

    private PixelStencilShape stencil(Machine machine, int height, Expr epilogue) {
        int inputs = epilogue.equals(Expr.input(0)) ? 0 : extras.kinds().size();
        return new PixelStencilShape(
                machine.type(), s.spec().strideW(), height, WIDE, 1, columns, epilogue, inputs);
    }

    private int left(int j) {
        return j * s.spec().strideW() - s.spec().padLeft();
    }

    private int top(int i) {
        return i * s.spec().strideH() - s.spec().padTop();
    }

    /// The first row of the filter that lies inside the image for row `i` of results.
    private int u0(int i) {
        int top = top(i);
        return Math.min(top < 0 ? Math.ceilDiv(-top, s.spec().dilationH()) : 0, s.kh());
    }

    /// The end of these rows.
    private int u1(int i) {
        return Math.clamp(Math.ceilDiv(s.h() - top(i), s.spec().dilationH()), u0(i), s.kh());
    }

    /// Rows `i0 … i1 − 1` of an image; row `i0` goes to byte `at`, pixels `pixel` bytes apart.
    ///
    /// @param from has the rows of the image that the taps of these results reach
    /// @param image byte in it where row 0 of the image is, or would be
    /// @param matrix which matrix of the epilogue's operands
    /// @param row its row for the first result
    void run(
            MemorySegment from, long image, int i0, int i1, MemorySegment to, long at, long pixel, int matrix, long row,
            int worker) {
        Tile tile = tiles[worker];
        tile.b = from;
        tile.c = to;
        tile.cTap = pixel;
        long line = pixel * s.ow();
        for (int i = i0; i < i1;) {
            int u0 = u0(i);
            int u1 = u1(i);
            int end = i + 1;
            while (end < i1 && u0(end) == u0 && u1(end) == u1) {
                end++;
            }
            part(image, i, end, u0, u1, tile, at + (i - i0) * line);
            i = end;
        }
        if (pass != null && !inKernel) {
            pass(tile, at, (i1 - i0) * s.ow(), pixel, matrix, row);
        }
    }

    private void pass(Tile tile, long at, int rows, long apart, int matrix, long row) {
        MicroKernel last = pass;
        if (last != null) {
            tile.cOff = at;
            tile.cRow = apart;
            tile.rows = rows;
            extras.place(tile, matrix, row, 0);
            last.run(tile);
        }
    }

    /// Rows that the same rows of the filter reach.
    private void part(long image, int i0, int i1, int u0, int u1, Tile tile, long at) {
        long from = image + (top(i0) + (long) u0 * s.spec().dilationH()) * xRow;
        long down = xRow * s.spec().strideH();
        long line = tile.cTap * s.ow();
        MicroKernel kernel = u1 - u0 <= WIDE ? kernels[u1 - u0] : null;
        if (kernel == null) {
            for (int i = i0; i < i1; i++) {
                across(from + (i - i0) * down, u0, u1, full0, full1, tile, at + (i - i0) * line);
            }
        } else {
            tiles(kernel, from, i1 - i0, u0, tile, at);
        }
        for (int i = i0; i < i1; i++) {
            for (int j = 0; j < full0; j++) {
                one(from + (i - i0) * down, u0, u1, j, tile, at + (i - i0) * line);
            }
            for (int j = full1; j < s.ow(); j++) {
                one(from + (i - i0) * down, u0, u1, j, tile, at + (i - i0) * line);
            }
        }
        if (inKernel) {
            for (int j = kernel == null ? s.ow() : 0; j < full0; j++) {
                pass(tile, at + j * tile.cTap, i1 - i0, line, 0, 0);
            }
            for (int j = kernel == null ? 0 : full1; j < s.ow(); j++) {
                pass(tile, at + j * tile.cTap, i1 - i0, line, 0, 0);
            }
        }
    }

    /// The columns all of whose taps lie inside.
    private void tiles(MicroKernel kernel, long from, int rows, int u0, Tile tile, long at) {
        long down = xRow * s.spec().strideH();
        long line = tile.cTap * s.ow();
        long step = columns * xPixel * s.spec().strideW();
        int groups = (full1 - full0) / columns;
        boolean rest = groups * columns < full1 - full0;
        boolean along = groups >= rows;
        long first = from + left(full0) * xPixel;
        long last = from + left(full1 - columns) * xPixel;
        for (int v = 0; v * VL < s.c(); v++) {
            int channel = Math.min(v * VL, s.c() - VL);
            long lane = 4L * channel;
            tile.weightsOff = ((long) v * s.kh() + u0) * WIDE * BYTES;
            extras.place(tile, 0, 0, channel);
            if (along) {
                tile.bStep = step;
                tile.cStep = columns * tile.cTap;
                tile.steps = groups;
                for (int i = 0; i < rows; i++) {
                    tile.bOff = first + i * down + lane;
                    tile.cOff = at + full0 * tile.cTap + i * line + lane;
                    kernel.run(tile);
                }
            }
            tile.bStep = down;
            tile.cStep = line;
            tile.steps = rows;
            for (int g = 0; g < groups && !along; g++) {
                tile.bOff = first + g * step + lane;
                tile.cOff = at + (full0 + g * columns) * tile.cTap + lane;
                kernel.run(tile);
            }
            if (rest) {
                tile.bOff = last + lane;
                tile.cOff = at + (full1 - columns) * tile.cTap + lane;
                kernel.run(tile);
            }
        }
    }

    /// The same columns of one row for any filter.
    private void across(long from, int u0, int u1, int j0, int j1, Tile tile, long at) {
        long xTap = xPixel * s.spec().dilationW();
        long xStep = xRow * s.spec().dilationH();
        long wRow = (long) s.kw() * BYTES;
        int j = j0;
        for (; j + 4 <= j1; j += 4) {
            PixelTaps.four(
                    tile.b, from + left(j) * xPixel, xStep, xTap, xPixel * s.spec().strideW(), weights, u0 * wRow,
                    wRow, s.kh() * wRow, u1 - u0, s.kw(), tile.c, at + j * tile.cTap, tile.cTap, s.c());
        }
        for (; j < j1; j++) {
            one(from, u0, u1, j, tile, at);
        }
    }

    private void one(long from, int u0, int u1, int j, Tile tile, long at) {
        int left = left(j);
        int across = s.spec().dilationW();
        int v0 = Math.min(left < 0 ? Math.ceilDiv(-left, across) : 0, s.kw());
        int v1 = Math.clamp(Math.ceilDiv(s.w() - left, across), v0, s.kw());
        long xTap = xPixel * across;
        long wRow = (long) s.kw() * BYTES;
        PixelTaps.one(
                tile.b, from + left * xPixel + v0 * xTap, xRow * s.spec().dilationH(), xTap, weights,
                u0 * wRow + (long) v0 * BYTES, wRow, s.kh() * wRow, u1 - u0, v1 - v0, tile.c, at + j * tile.cTap,
                s.c());
    }
}
