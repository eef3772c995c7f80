package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.codegen.MicroKernel;
import dev.gatun.kernels.codegen.Tile;
import dev.gatun.kernels.gemm.Extras;
import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Maths: `out = epilogue(Aᵀ M A)` for the tiles of a block and one vector of outputs.
/// Layout: a line of tiles goes down and across into pixels of outputs, `[pixel][o]`, whose rows follow each other
/// without gaps: what a tile has beyond the image is overwritten by the next row. Then they are turned to planes,
/// or copied to where they lie channels last.
/// Blocking: the lines of a block in one image at a time; the epilogue is a pass over what has just been written: planes
/// at once, pixels when all outputs that the worker has of them are there.
/// Registers: see [TileTransform]. Evidence: docs/kernels-conv.md.
final class WinogradOutput {
    private final TileTransform transform;
    private final WinogradShape shape;
    private final Operand out;
    private final int groups;
    private final @Nullable MicroKernel[] passes;
    private final Extras extras;
    private final long halfGap;
    private final long halfBytes;
    private final long pixelBytes;
    private final long planeBytes;

    /// @param passes the epilogue, without and with a tail; both null for none
    WinogradOutput(
            TileTransform transform, WinogradShape shape, Operand out, int groups, @Nullable MicroKernel[] passes,
            Extras extras) {
        this.transform = transform;
        this.shape = shape;
        this.out = out;
        this.groups = groups;
        this.passes = passes;
        this.extras = extras;
        halfGap = WinogradFilter.odd((long) shape.across() * shape.size() * BYTES);
        halfBytes = shape.m() * halfGap;
        long pixels = Math.ceilDiv((long) shape.outputRows() * shape.s().cols() + shape.m(), VL) * VL;
        pixelBytes = pixels * BYTES;
        planeBytes = isChannelsLast() || (shape.oc() % VL == 0 && shape.s().cols() >= VL) ? 0 : pixels * 4 * VL;
    }

    private boolean isChannelsLast() {
        return isChannelsLast(out);
    }

    /// True when neighbours in memory are channels, not pixels.
    static boolean isChannelsLast(Operand out) {
        return out.column() > 4;
    }

    long scratchBytes() {
        return halfBytes + pixelBytes + planeBytes + Transposition.scratchBytes();
    }

    /// Vector `part` of the outputs of block `block` of group `g`, from M at byte `from`.
    void run(int g, int block, int part, MemorySegment scratch, long from, long room, MemorySegment result, Tile tile) {
        int first = shape.lines().start(block);
        int end = shape.lines().start(block + 1);
        int down = shape.down();
        for (int line = first; line < end;) {
            int i0 = line % down;
            int i1 = Math.min(down, i0 + end - line);
            image(line / down * groups + g, part, i0, i1, scratch,
                    from + (line - first) * shape.across() * shape.outputRow() + (long) part * BYTES, room, result,
                    tile);
            line += i1 - i0;
        }
    }

    private void image(
            int b, int part, int i0, int i1, MemorySegment scratch, long from, long room, MemorySegment result,
            Tile tile) {
        int m = shape.m();
        int size = shape.size();
        int cols = shape.s().cols();
        int y0 = i0 * m;
        int y1 = Math.min(shape.s().rows(), i1 * m);
        long pixels = room + halfBytes;
        for (int i = i0; i < i1; i++) {
            long line = from + (i - i0) * shape.across() * shape.outputRow();
            for (int q = 0; q < size; q++) {
                transform.output(
                        scratch, line + q * shape.outputPosition(), size * shape.outputPosition(), shape.outputRow(),
                        room + (long) q * BYTES, halfGap, (long) size * BYTES, shape.across());
            }
            for (int r = 0; r < m && i * m + r < y1; r++) {
                transform.output(
                        scratch, room + r * halfGap, BYTES, (long) size * BYTES,
                        pixels + (long) (i * m + r - y0) * cols * BYTES, BYTES, (long) m * BYTES, shape.across());
            }
        }
        int outputs = Math.min(VL, shape.oc() - part * VL);
        int count = (y1 - y0) * cols;
        long to = out.starts()[b] + part * VL * out.row() + y0 * cols * out.column();
        if (isChannelsLast()) {
            ChannelsLast.vectors(scratch, pixels, BYTES, result, to, out.column(), count);
            return;
        }
        turn(outputs, count, scratch, pixels, result, to);
        int tail = count % VL;
        MicroKernel pass = passes[tail == 0 ? 0 : 1];
        if (pass != null) {
            tile.c = result;
            tile.cOff = to;
            tile.cRow = out.row();
            tile.rows = outputs;
            tile.vectors = Math.ceilDiv(count, VL);
            tile.tail = tail == 0 ? VL : tail;
            extras.place(tile, b, part * VL, (long) y0 * cols);
            pass.run(tile);
        }
    }

    /// The epilogue of vectors `v0 … v1 − 1` of the outputs of a block that lies channels last; nothing for planes.
    void finish(int g, int block, int v0, int v1, MemorySegment result, Tile tile) {
        MicroKernel pass = passes[0];
        if (pass == null || !isChannelsLast()) {
            return;
        }
        int end = shape.lines().start(block + 1);
        int down = shape.down();
        for (int line = shape.lines().start(block); line < end;) {
            int i0 = line % down;
            int i1 = Math.min(down, i0 + end - line);
            int b = line / down * groups + g;
            long first = (long) i0 * shape.m() * shape.s().cols();
            tile.c = result;
            tile.cOff = out.starts()[b] + first * out.column() + (long) v0 * BYTES;
            tile.cRow = out.column();
            tile.rows = (Math.min(shape.s().rows(), i1 * shape.m()) - i0 * shape.m()) * shape.s().cols();
            tile.vectors = v1 - v0;
            extras.place(tile, b, first, (long) v0 * VL);
            pass.run(tile);
            line += i1 - i0;
        }
    }

    /// `count` pixels of `outputs` channels to their planes.
    private void turn(int outputs, int count, MemorySegment scratch, long from, MemorySegment result, long to) {
        long trip = from + pixelBytes + planeBytes;
        long step = (long) VL * BYTES;
        int blocks = count / VL;
        if (outputs == VL && count >= VL) {
            Transposition.run(scratch, from, BYTES, step, result, to, out.row(), BYTES, blocks, scratch, trip);
            if (blocks * VL < count) {
                int last = count - VL;
                Transposition.run(
                        scratch, from + (long) last * BYTES, BYTES, step, result, to + 4L * last, out.row(), BYTES, 1,
                        scratch, trip);
            }
            return;
        }
        long planes = from + pixelBytes;
        long pitch = (long) Math.ceilDiv(count, VL) * BYTES;
        Transposition.run(
                scratch, from, BYTES, step, scratch, planes, pitch, BYTES, Math.ceilDiv(count, VL), scratch, trip);
        for (int o = 0; o < outputs; o++) {
            MemorySegment.copy(scratch, planes + o * pitch, result, to + o * out.row(), 4L * count);
        }
    }
}
