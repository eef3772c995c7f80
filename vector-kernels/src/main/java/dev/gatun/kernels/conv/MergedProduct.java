package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/// Maths: `out[b][m, pixel] = epilogue(Σ a[m, (c, t)] · source[b][c, pixel + tap t])` for many small images b in planes.
/// Layout: images are turned to channels last with their zeros around them, weights to panels in the order (tap, channel);
/// then the pixels of all images are the rows of one product, and its results are turned back. In planes a vector holds pixels of
/// one image: of eleven, 5 lanes of 16 stay idle, of two, 14.
/// Blocking: one image, one vector of outputs, or some tiles of pixels per chunk; see [PixelSums].
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class MergedProduct implements Product {
    /// Fewer channels make runs that are not worth a call of the kernel each.
    private static final int LEAST_CHANNELS = 32;
    /// Planes of more vectors of pixels have few idle lanes and are not worth turning.
    private static final int MOST_VECTORS = 8;
    /// Multiply-adds per ns by planes, idle lanes counted, and by pixels; ns per number that is moved. Measured on an Intel Xeon
    /// (Emerald Rapids); what counts is their proportion.
    private static final double PLANE_RATE = 40;
    private static final double PIXEL_RATE = 70;
    private static final double MOVE = 1.2;
    /// Pixels that are turned back at a time: fewer than a vector, whose blocks would need memory of their own in the result.
    private static final int FEW = Math.max(3, VL - 4);

    private final Threads threads;
    private final Correlation s;
    private final int m;
    private final int images;
    private final Operand source;
    private final Operand a;
    private final Operand out;
    private final PixelSums sums;
    private final Split heights;
    private final int top;
    private final int left;
    private final int rows;
    private final int columns;
    private final long weightsAt;
    private final long resultAt;
    private final long roomAt;
    private final Tile[] tiles;
    private final Task packing = this::pack;
    private final Task turning = this::turn;
    private final Task multiplying = this::multiply;
    private final Task returning = this::turnBack;

    private MemorySegment scratch = MemorySegment.NULL;
    private long scratchAt;
    private MemorySegment weights = MemorySegment.NULL;
    private MemorySegment result = MemorySegment.NULL;

    /// Operands as [ConvProduct] takes them, of one group.
    MergedProduct(
            Machine machine, Correlation s, int m, Operand source, Operand a, Operand out, Expr epilogue,
            List<Operand> extras) {
        threads = machine.threads();
        this.s = s;
        this.m = m;
        this.source = source;
        this.a = a;
        this.out = out;
        images = out.batch();
        top = Correlation.min(s.dy());
        left = Correlation.min(s.dx());
        rows = (s.rows() - 1) * s.sh() + Correlation.max(s.dy()) - top + 1;
        columns = (s.cols() - 1) * s.sw() + Correlation.max(s.dx()) - left + 1;
        List<Operand> perChannel =
                extras.stream().map(e -> Operand.of(e.segment(), e.starts()[0], 0, e.row())).toList();
        sums = new PixelSums(
                machine, images * s.pixels(), m, taps(), MemorySegment.NULL, epilogue,
                extras.isEmpty() ? Extras.NONE : new Extras(perChannel));
        Tiling tiling = sums.tiling();
        int count = tiling.rows().count();
        heights = new Split(count, Math.ceilDiv(count, threads.count() == 1 ? 1 : 4 * threads.count()));
        weightsAt = round(4L * images * rows * columns * s.channels());
        resultAt = weightsAt + round(tiling.rowBytes() * s.k());
        roomAt = resultAt + round(4L * images * s.pixels() * m);
        tiles = new Tile[threads.count()];
        int[] rowAt = PixelSums.withSpare(rowAt());
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = sums.tile(rowAt);
            tiles[i].cRow = 4L * m;
        }
    }

    private static long round(long bytes) {
        return bytes + 63 & ~63L;
    }

    /// True where this is estimated to be faster than planes, a fifth at least, and applies: images of one group, operands of the
    /// epilogue one number per channel.
    static boolean pays(Correlation s, int m, Operand source, Operand a, Operand out, List<Operand> extras) {
        long images = out.batch();
        boolean applies = images > 1 && m >= VL && s.channels() >= LEAST_CHANNELS && s.pixels() > 0
                && s.pixels() <= MOST_VECTORS * VL && source.batch() == images && same(a)
                && extras.stream().allMatch(e -> e.column() == 0 && (e.row() == 0 || e.row() == 4) && same(e));
        if (!applies) {
            return false;
        }
        double products = (double) images * m * s.k();
        double planes = products * Math.ceilDiv(s.pixels(), VL) * VL / PLANE_RATE;
        double moved = (double) m * s.k() + images * ((double) s.channels() * s.h() * s.w() + (double) m * s.pixels());
        return products * s.pixels() / PIXEL_RATE + MOVE * moved < 0.8 * planes
                && 4.0 * images * (s.h() + s.rows() * s.sh()) * (s.w() + s.cols() * s.sw()) * s.channels() < 1 << 30;
    }

    private static boolean same(Operand operand) {
        return Arrays.stream(operand.starts()).allMatch(start -> start == operand.starts()[0]);
    }

    private int[] taps() {
        int[] at = new int[s.k()];
        for (int p = 0; p < at.length; p++) {
            int t = p / s.channels();
            at[p] = ((s.dy()[t] - top) * columns + s.dx()[t] - left) * s.channels() + p % s.channels();
        }
        return at;
    }

    private int[] rowAt() {
        int[] at = new int[images * s.pixels()];
        for (int p = 0; p < at.length; p++) {
            int line = p / s.cols();
            int y = line / s.rows() * rows + line % s.rows() * s.sh();
            at[p] = (y * columns + p % s.cols() * s.sw()) * s.channels();
        }
        return at;
    }

    @Override
    public long scratchBytes() {
        return roomAt + tiles.length * Transposition.scratchBytes();
    }

    @Override
    public void run(MemorySegment memory, long at, MemorySegment a, MemorySegment out) {
        if (!memory.equals(scratch) || at != scratchAt) {
            // Once for all runs with the same memory.
            FloatBuffer elements = memory.asSlice(at, weightsAt).asByteBuffer().order(Lanes.ORDER).asFloatBuffer();
            MemorySegment panels = memory.asSlice(at + weightsAt, resultAt - weightsAt);
            for (Tile tile : tiles) {
                tile.a32 = elements;
                tile.b = panels;
                tile.c = memory;
            }
        }
        scratch = memory;
        scratchAt = at;
        weights = a;
        result = out;
        threads.run(packing, Math.ceilDiv(m, VL));
        threads.run(turning, images);
        threads.run(multiplying, heights.count());
        threads.run(returning, images);
    }

    /// One vector of outputs of the weights.
    private void pack(int chunk, int worker) {
        int first = chunk * VL;
        long from = a.starts()[0] + first * a.row();
        PixelFilter.panel(
                VL, weights, from, a.row(), 4L * s.taps(), Math.min(VL, m - first), s.channels(), s.taps(), scratch,
                scratchAt + weightsAt + 4L * first * s.k());
    }

    /// One image, as far as the taps reach, with its zeros.
    private void turn(int image, int worker) {
        long pixel = 4L * s.channels();
        long lineBytes = columns * pixel;
        long at = scratchAt + image * rows * lineBytes;
        long room = scratchAt + roomAt + worker * Transposition.scratchBytes();
        int before = Math.clamp(-left, 0, columns);
        int first = Math.max(0, left);
        int count = Math.clamp(Math.min(s.w() - first, columns - before), 0, columns);
        for (int y = top; y < top + rows; y++) {
            boolean inside = y >= 0 && y < s.h() && count > 0;
            int to = inside ? before : columns;
            Zeros.fill(scratch, at, to * pixel);
            if (inside) {
                long from = source.starts()[image] + 4L * ((long) y * s.w() + first);
                ChannelsLast.row(
                        source.segment(), from, source.row(), s.channels(), count, scratch, at + before * pixel, pixel,
                        room);
                Zeros.fill(scratch, at + (before + count) * pixel, (columns - before - count) * pixel);
            }
            at += lineBytes;
        }
    }

    private void multiply(int chunk, int worker) {
        sums.run(
                tiles[worker], 0, heights.start(chunk), heights.start(chunk + 1), 0, sums.tiling().columns().count(),
                scratchAt + resultAt, 0);
    }

    private void turnBack(int image, int worker) {
        long pixel = 4L * m;
        for (int p = 0; p < s.pixels(); p += FEW) {
            ChannelsLast.row(
                    scratch, scratchAt + resultAt + ((long) image * s.pixels() + p) * pixel, pixel,
                    Math.min(FEW, s.pixels() - p), m, result, out.starts()[image] + 4L * p, out.row(), 0);
        }
    }
}
