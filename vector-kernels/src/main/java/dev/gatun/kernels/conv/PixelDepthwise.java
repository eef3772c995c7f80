package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: `y[i, j, c] = epilogue(Σ w[u, v, c] · x[i·sh + u·dh − pt, j·sw + v·dw − pl, c])`, one filter per channel.
/// Layout: channels last. Blocking: a chunk is some rows of results.
/// Registers: see [DepthwiseRows]. Evidence: docs/kernels-conv.md.
final class PixelDepthwise implements Call, Task {
    private static final long LEAST_WORK = 1 << 17;
    private static final long MOST_WORK = 1 << 20;

    private final Threads threads;
    private final PixelShape s;
    private final View x;
    private final View y;
    private final PixelFinish finish;
    private final DepthwiseRows rows;
    private final int rowsPerChunk;

    /// `weights` as [PixelFilter#packDepthwise] left them; at least [PixelTaps#LEAST] channels.
    PixelDepthwise(
            Machine machine, PixelShape shape, View x, MemorySegment weights, View y, Expr epilogue,
            PixelFinish finish) {
        this.threads = machine.threads();
        this.s = shape;
        this.x = x;
        this.y = y;
        this.finish = finish;
        rows = new DepthwiseRows(machine, shape, weights, epilogue, finish.extras());
        long work = (long) s.ow() * s.c() * s.kh() * s.kw();
        int count = threads.count();
        long share = count == 1 ? MOST_WORK : Math.clamp(s.n() * s.oh() * work / (4L * count), LEAST_WORK, MOST_WORK);
        rowsPerChunk = Math.clamp(share / Math.max(1, work), 1, Math.max(1, s.oh()));
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
        int i1 = Math.min(s.oh(), i0 + rowsPerChunk);
        long pixel = 4L * ImageLayout.pixel(y);
        long at = y.offset() + 4L * image * y.stride(0) + (long) i0 * s.ow() * pixel;
        int together = finish.images();
        rows.run(x.segment(), x.offset() + 4L * image * x.stride(0), i0, i1, y.segment(), at, pixel, image / together,
                (long) (image % together * s.oh() + i0) * s.ow(), worker);
    }
}
