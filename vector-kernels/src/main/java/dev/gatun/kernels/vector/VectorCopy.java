package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.CopyKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.CopyCheck;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Maths: out = in; out = value.
/// Layout: dims ordered by the output's strides. Where the inner dim is contiguous on both sides whole rows are copied, short
/// ones up to 32 of the next dim at once; where the input is contiguous along another dim (a transpose), tiles of 32 × 32, so that every cache line is
/// used up while it is near; else element by element.
/// Blocking: 32 × 32 tiles; rows and tiles are shared among the threads.
/// Registers: scalar; the system's copy for rows, vectors for short ones of whole vectors.
/// Evidence: VectorCopyTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class VectorCopy implements CopyKernels {
    private final Threads threads;
    private final VectorPointwise pointwise;

    /// Filling is pointwise work.
    public VectorCopy(Threads threads, VectorPointwise pointwise) {
        this.threads = threads;
        this.pointwise = pointwise;
    }

    @Override
    public Call copy(View in, View out) {
        CopyCheck.copy(in, out);
        return out.count() == 0 ? scratch -> {} : new Copy(threads, in, out);
    }

    @Override
    public Call fill(View out, double value) {
        CopyCheck.fill(out);
        if (out.count() == 0) {
            return scratch -> {};
        }
        // Integers beyond 2⁵³ are no constants of an expression; the saturated ends are as good as any.
        double v = out.dtype().isFloating() ? value : Math.clamp((long) value, -1L << 53, 1L << 53);
        if (!out.dtype().isFloating() && v != (long) value) {
            return new dev.gatun.kernels.reference.ReferenceCopy().fill(out, value);
        }
        boolean truth = out.dtype() == dev.gatun.kernels.DType.BOOL;
        return pointwise.map(List.of(Expr.constant(truth ? (value != 0 ? 1 : 0) : v)), List.of(), List.of(out));
    }

    private static final class Copy implements Call, Task {
        private static final int TILE = 32;
        private static final int GRAIN = 32768;
        private static final int ROW_PIECE = 65536;
        /// Elements of a short row: finding its place costs as much as copying it.
        private static final int SHORT = 4096;

        private final Threads threads;
        private final View in;
        private final View out;
        private final Walk walk;
        private final int last;
        /// The dim along which the input is contiguous, or −1.
        private final int across;
        /// The dim of short rows, some of which are copied at once, or −1.
        private final int near;
        private final int[] outer;
        private final boolean rows;
        private final int unitsAcross;
        private final int unitsAlong;
        private final long units;
        private final int chunks;

        Copy(Threads threads, View in, View out) {
            this.threads = threads;
            this.in = in;
            this.out = out;
            walk = Walk.of(List.of(in, out), 1);
            last = walk.rank() - 1;
            rows = walk.strides()[0][last] == 1 && walk.strides()[1][last] == 1;
            across = rows ? -1 : across();
            near = rows && last > 0 && walk.dims()[last] <= SHORT ? last - 1 : -1;
            outer = java.util.stream.IntStream.range(0, last).filter(d -> d != across && d != near).toArray();
            int tiled = Math.max(across, near);
            unitsAcross = tiled < 0 ? 1 : (walk.dims()[tiled] + TILE - 1) / TILE;
            int piece = across < 0 ? ROW_PIECE : TILE;
            unitsAlong = (walk.dims()[last] + piece - 1) / piece;
            units = (long) walk.count(outer) * unitsAcross * unitsAlong;
            chunks = (int) Math.max(1, Math.min(Math.min(units, walk.count() / GRAIN), threads.count() * 8L));
        }

        private int across() {
            for (int d = 0; d < last; d++) {
                if (walk.strides()[0][d] == 1 && walk.dims()[d] >= 4) {
                    return d;
                }
            }
            return -1;
        }

        @Override
        public void run(MemorySegment scratch) {
            threads.run(this, chunks);
        }

        @Override
        public void run(int chunk, int worker) {
            long end = units * (chunk + 1) / chunks;
            for (long unit = units * chunk / chunks; unit < end; unit++) {
                int along = (int) (unit % unitsAlong);
                int tile = (int) (unit / unitsAlong % unitsAcross);
                long block = unit / unitsAlong / unitsAcross;
                long from = walk.offset(0, block, outer);
                long to = walk.offset(1, block, outer);
                if (near >= 0) {
                    rows(from, to, tile * TILE);
                } else if (across < 0) {
                    row(from, to, along * ROW_PIECE);
                } else {
                    tile(from, to, tile * TILE, along * TILE);
                }
            }
        }

        private void rows(long from, long to, int first) {
            long bytes = in.dtype().bytes();
            long ra = walk.strides()[0][near] * bytes;
            long rb = walk.strides()[1][near] * bytes;
            long a = in.offset() + from * bytes + first * ra;
            long b = out.offset() + to * bytes + first * rb;
            int count = Math.min(TILE, walk.dims()[near] - first);
            long n = walk.dims()[last] * bytes;
            if (n % Lanes.BYTES == 0) {
                vectors(in.segment(), a, ra, out.segment(), b, rb, count, (int) (n / Lanes.BYTES));
                return;
            }
            for (int i = 0; i < count; i++) {
                MemorySegment.copy(in.segment(), a + i * ra, out.segment(), b + i * rb, n);
            }
        }

        private static void vectors(
                MemorySegment s, long a, long ra, MemorySegment t, long b, long rb, int count, int width) {
            s = OffHeap.of(s);
            t = OffHeap.of(t);
            for (int i = 0; i < count; i++) {
                for (int v = 0; v < width; v++) {
                    FloatVector.fromMemorySegment(Lanes.F, s, a + (long) v * Lanes.BYTES, Lanes.ORDER)
                            .intoMemorySegment(t, b + (long) v * Lanes.BYTES, Lanes.ORDER);
                }
                a += ra;
                b += rb;
            }
        }

        private void row(long from, long to, int first) {
            int n = Math.min(ROW_PIECE, walk.dims()[last] - first);
            long bytes = in.dtype().bytes();
            long si = walk.strides()[0][last];
            long so = walk.strides()[1][last];
            long a = in.offset() + (from + first * si) * bytes;
            long b = out.offset() + (to + first * so) * bytes;
            if (rows) {
                MemorySegment.copy(in.segment(), a, out.segment(), b, n * bytes);
            } else {
                move(a, 0, si * bytes, b, 0, so * bytes, 1, n);
            }
        }

        private void tile(long from, long to, int i, int j) {
            long bytes = in.dtype().bytes();
            int rowCount = Math.min(TILE, walk.dims()[across] - i);
            int columnCount = Math.min(TILE, walk.dims()[last] - j);
            long si = walk.strides()[0][last] * bytes;
            long so = walk.strides()[1][last] * bytes;
            long ri = walk.strides()[0][across] * bytes;
            long ro = walk.strides()[1][across] * bytes;
            long a = in.offset() + from * bytes + i * ri + j * si;
            long b = out.offset() + to * bytes + i * ro + j * so;
            move(a, ri, si, b, ro, so, rowCount, columnCount);
        }

        private void move(long a, long ra, long ca, long b, long rb, long cb, int rowCount, int columnCount) {
            MemorySegment s = in.segment();
            MemorySegment t = out.segment();
            switch (in.dtype()) {
                case F32, I32 -> {
                    for (int i = 0; i < rowCount; i++) {
                        ints(s, a + i * ra, ca, t, b + i * rb, cb, columnCount);
                    }
                }
                case F64, I64 -> {
                    for (int i = 0; i < rowCount; i++) {
                        longs(s, a + i * ra, ca, t, b + i * rb, cb, columnCount);
                    }
                }
                case U8, BOOL -> {
                    for (int i = 0; i < rowCount; i++) {
                        bytes(s, a + i * ra, ca, t, b + i * rb, cb, columnCount);
                    }
                }
            }
        }

        private static void ints(MemorySegment s, long a, long ca, MemorySegment t, long b, long cb, int n) {
            s = OffHeap.of(s);
            t = OffHeap.of(t);
            for (int j = 0; j < n; j++) {
                t.set(JAVA_INT, b + j * cb, s.get(JAVA_INT, a + j * ca));
            }
        }

        private static void longs(MemorySegment s, long a, long ca, MemorySegment t, long b, long cb, int n) {
            s = OffHeap.of(s);
            t = OffHeap.of(t);
            for (int j = 0; j < n; j++) {
                t.set(JAVA_LONG, b + j * cb, s.get(JAVA_LONG, a + j * ca));
            }
        }

        private static void bytes(MemorySegment s, long a, long ca, MemorySegment t, long b, long cb, int n) {
            s = OffHeap.of(s);
            t = OffHeap.of(t);
            for (int j = 0; j < n; j++) {
                t.set(JAVA_BYTE, b + j * cb, s.get(JAVA_BYTE, a + j * ca));
            }
        }
    }
}
