package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Maths: `y[i, j, c] = epilogue(Σ w[u, v, c] · x[i·sh + u·dh − pt, j·sw + v·dw − pl, c])`, one filter per channel.
/// Layout: channels last; nothing is copied: at the borders the taps outside are left out.
/// Blocking: a chunk is some rows of results; the epilogue is a pass over each row just written.
/// Registers: see [PixelTaps]. Evidence: docs/kernels-conv.md.
final class PixelDepthwise implements Call, Task {
    private static final long CHUNK_WORK = 1 << 16;
    private static final int AT_ONCE = 4;

    private final Threads threads;
    private final PixelShape s;
    private final View x;
    private final View y;
    private final MemorySegment weights;
    private final PixelFinish finish;
    private final @Nullable MicroKernel pass;
    private final Tile[] tiles;
    private final int rowsPerChunk;
    private final int full0;
    private final int full1;

    /// `weights` as [PixelFilter#packDepthwise] left them; at least [PixelTaps#LEAST] channels.
    PixelDepthwise(
            Machine machine, PixelShape shape, View x, MemorySegment weights, View y, Expr epilogue,
            PixelFinish finish) {
        this.threads = machine.threads();
        this.s = shape;
        this.x = x;
        this.y = y;
        this.weights = weights;
        this.finish = finish;
        int tail = s.c() % VL;
        pass = epilogue.equals(Expr.input(0))
                ? null
                : machine.compiled().pass(machine.type(), tail > 0, epilogue, finish.extras().kinds());
        tiles = new Tile[threads.count()];
        for (int i = 0; i < tiles.length; i++) {
            Tile tile = new Tile();
            finish.extras().attach(tile);
            tile.c = y.segment();
            tile.cRow = 4L * ImageLayout.pixel(y);
            tile.rows = s.ow();
            tile.vectors = Math.ceilDiv(s.c(), VL);
            tile.tail = tail == 0 ? VL : tail;
            tiles[i] = tile;
        }
        long work = (long) s.ow() * s.c() * s.kh() * s.kw();
        rowsPerChunk = Math.clamp(CHUNK_WORK / Math.max(1, work), 1, Math.max(1, s.oh()));
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
    }

    private int left(int j) {
        return j * s.spec().strideW() - s.spec().padLeft();
    }

    @Override
    public void run(MemorySegment scratch) {
        finish.prepare();
        threads.run(this, s.n() * Math.ceilDiv(s.oh(), rowsPerChunk));
    }

    @Override
    public void run(int chunk, int worker) {
        int perImage = Math.ceilDiv(s.oh(), rowsPerChunk);
        int image = chunk / perImage;
        int i0 = chunk % perImage * rowsPerChunk;
        for (int i = i0; i < Math.min(s.oh(), i0 + rowsPerChunk); i++) {
            row(image, i, worker);
        }
    }

    private void row(int image, int i, int worker) {
        int dilation = s.spec().dilationH();
        int top = i * s.spec().strideH() - s.spec().padTop();
        int u0 = Math.min(top < 0 ? Math.ceilDiv(-top, dilation) : 0, s.kh());
        int u1 = Math.clamp(Math.ceilDiv(s.h() - top, dilation), u0, s.kh());
        long xPixel = 4L * s.pixel();
        long xRow = xPixel * s.w();
        long from = x.offset() + 4L * image * x.stride(0) + (top + (long) u0 * dilation) * xRow;
        long yPixel = 4L * ImageLayout.pixel(y);
        long to = y.offset() + 4L * image * y.stride(0) + i * s.ow() * yPixel;
        long wRow = 4L * s.kw() * s.c();
        long xStep = xRow * dilation;
        long xTap = xPixel * s.spec().dilationW();
        long step = xPixel * s.spec().strideW();
        boolean three = s.kw() == 3 && xTap == xPixel && step == xPixel;
        for (int j = 0; j < s.ow(); j++) {
            long at = from + left(j) * xPixel;
            if (j >= full0 && j + AT_ONCE <= full1) {
                if (three) {
                    PixelTaps.threeByOne(x.segment(), at, xStep, xPixel, weights, u0 * wRow, wRow, u1 - u0,
                            y.segment(), to + j * yPixel, yPixel, s.c());
                } else {
                    PixelTaps.four(x.segment(), at, xStep, xTap, step, weights, u0 * wRow, wRow, u1 - u0, s.kw(),
                            y.segment(), to + j * yPixel, yPixel, s.c());
                }
                j += AT_ONCE - 1;
                continue;
            }
            int left = left(j);
            int across = s.spec().dilationW();
            int v0 = Math.min(left < 0 ? Math.ceilDiv(-left, across) : 0, s.kw());
            int v1 = Math.clamp(Math.ceilDiv(s.w() - left, across), v0, s.kw());
            PixelTaps.one(x.segment(), at + v0 * xTap, xStep, xTap, weights, u0 * wRow + 4L * v0 * s.c(), wRow,
                    u1 - u0, v1 - v0, y.segment(), to + j * yPixel, s.c());
        }
        MicroKernel last = pass;
        if (last != null) {
            Tile tile = tiles[worker];
            tile.cOff = to;
            int perMatrix = finish.images();
            finish.extras().place(tile, image / perMatrix, (long) (image % perMatrix * s.oh() + i) * s.ow(), 0);
            last.run(tile);
        }
    }
}
