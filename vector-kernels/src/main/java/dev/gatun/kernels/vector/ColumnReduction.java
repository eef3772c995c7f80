package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Fallback;
import dev.gatun.kernels.codegen.FoldCompiler.Fold;
import dev.gatun.kernels.codegen.FoldLoop;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A fold whose inner dim is kept: blocks of columns, down pieces of rows whose results are added in double. Long
/// folds are cut into parts whose results meet in scratch memory, one row of doubles each.
final class ColumnReduction implements Call, Task {
    private static final int PART_ELEMENTS = 65536;
    private static final int GRAIN = 32768;
    private static final int COLUMNS = 1024;
    private static final int ROWS = 1024;

    private final Threads threads;
    private final FoldLoop loop;
    private final Fold fold;
    private final double scale;
    private final Walk walk;
    private final View[] operands;
    private final View out;
    private final int[] kept;
    private final int[] reduced;
    private final int rowDim;
    private final int columns;
    private final int blocks;
    private final int rows;
    private final int piecesPerSweep;
    private final long pieces;
    private final int piecesPerPart;
    private final int parts;
    private final int outer;
    private final int chunks;
    private final MemorySegment[] segments;
    private final long[][] offsets;
    private final long[] steps;
    private final long workerBytes;
    private MemorySegment scratch = MemorySegment.NULL;

    ColumnReduction(Threads threads, FoldLoop loop, Fold fold, double scale, Walk walk, List<View> in, View out) {
        this.threads = threads;
        this.loop = loop;
        this.fold = fold;
        this.scale = scale;
        this.walk = walk;
        this.out = out;
        operands = in.toArray(View[]::new);
        int last = walk.rank() - 1;
        int[] toOut = walk.strides()[operands.length];
        rowDim = IntStream.range(0, last).filter(d -> toOut[d] == 0).max().orElse(-1);
        kept = IntStream.range(0, last).filter(d -> toOut[d] != 0).toArray();
        reduced = IntStream.range(0, last).filter(d -> toOut[d] == 0 && d != rowDim).toArray();
        columns = walk.dims()[last];
        blocks = (columns + COLUMNS - 1) / COLUMNS;
        rows = rowDim < 0 ? 1 : walk.dims()[rowDim];
        piecesPerSweep = (rows + ROWS - 1) / ROWS;
        pieces = (long) walk.count(reduced) * piecesPerSweep;
        long pieceElements = (long) Math.min(rows, ROWS) * Math.min(columns, COLUMNS);
        piecesPerPart = (int) Math.max(1, PART_ELEMENTS / pieceElements);
        parts = (int) ((pieces + piecesPerPart - 1) / piecesPerPart);
        outer = walk.count(kept);
        long units = (long) outer * blocks * parts;
        chunks = (int) Math.max(1, Math.min(Math.min(units, walk.count() / GRAIN), threads.count() * 8L));
        segments = Arrays.stream(operands).map(View::segment).toArray(MemorySegment[]::new);
        offsets = new long[threads.count()][operands.length + Fallback.ROOM];
        steps = new long[operands.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = rowDim < 0 ? 0 : (long) walk.strides()[i][rowDim] * operands[i].dtype().bytes();
        }
        workerBytes = COLUMNS * 16L;
    }

    @Override
    public long scratchBytes() {
        return threads.count() * workerBytes + (parts == 1 ? 0 : 8L * parts * outer * columns);
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(this, chunks);
        if (parts > 1) {
            combine(memory);
        }
    }

    private void combine(MemorySegment memory) {
        memory = OffHeap.of(memory);
        long results = threads.count() * workerBytes;
        for (int o = 0; o < outer; o++) {
            for (int first = 0; first < columns; first += COLUMNS) {
                int n = Math.min(COLUMNS, columns - first);
                for (int c = 0; c < n; c++) {
                    double sum = fold.identity();
                    for (int p = 0; p < parts; p++) {
                        sum = fold.apply(sum, memory.get(JAVA_DOUBLE, results + 8L * place(o, p, first + c)));
                    }
                    memory.set(JAVA_DOUBLE, 8L * c, sum);
                }
                finish(o, first, n, 0);
            }
        }
    }

    private long place(int o, int part, int column) {
        return ((long) o * parts + part) * columns + column;
    }

    @Override
    public void run(int chunk, int worker) {
        long units = (long) outer * blocks * parts;
        long end = units * (chunk + 1) / chunks;
        for (long unit = units * chunk / chunks; unit < end; unit++) {
            int part = (int) (unit % parts);
            int block = (int) (unit / parts % blocks);
            int o = (int) (unit / parts / blocks);
            part(o, block * COLUMNS, part, worker);
        }
    }

    private void part(int o, int firstColumn, int part, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int n = Math.min(COLUMNS, columns - firstColumn);
        long sums = worker * workerBytes;
        long piece = (long) part * piecesPerPart;
        long end = Math.min(pieces, piece + piecesPerPart);
        long temporary = sums + COLUMNS * 8L;
        for (boolean start = true; piece < end; piece++, start = false) {
            piece(o, firstColumn, n, piece, temporary, worker);
            for (int c = 0; c < n; c++) {
                double v = operands[0].dtype() == DType.F32
                        ? scratch.get(JAVA_FLOAT, temporary + 4L * c)
                        : scratch.get(JAVA_DOUBLE, temporary + 8L * c);
                long at = sums + 8L * c;
                scratch.set(JAVA_DOUBLE, at, start ? v : fold.apply(scratch.get(JAVA_DOUBLE, at), v));
            }
        }
        if (parts == 1) {
            finish(o, firstColumn, n, sums);
        } else {
            long result = threads.count() * workerBytes + 8L * place(o, part, firstColumn);
            MemorySegment.copy(scratch, sums, scratch, result, 8L * n);
        }
    }

    private void piece(int o, int firstColumn, int n, long piece, long temporary, int worker) {
        int fromRow = (int) (piece % piecesPerSweep) * ROWS;
        int count = Math.min(ROWS, rows - fromRow);
        long[] at = offsets[worker];
        int last = walk.rank() - 1;
        int bytes = operands[0].dtype().bytes();
        for (int c = 0; c < n;) {
            for (int i = 0; i < operands.length; i++) {
                long element = walk.offset(i, o, kept) + walk.offset(i, piece / piecesPerSweep, reduced)
                        + (long) (firstColumn + c) * walk.strides()[i][last];
                at[i] = operands[i].offset() + element * bytes + fromRow * steps[i];
            }
            long to = temporary + (long) c * bytes;
            if (n - c >= loop.columns()) {
                loop.panel(segments, at, steps, count, scratch, to);
                c += loop.columns();
            } else {
                int some = Math.min(loop.lanes(), n - c);
                loop.edge(segments, at, steps, count, scratch, to, some);
                c += some;
            }
        }
    }

    /// Rounds the sums of `n` columns, doubles from byte `from` of the scratch memory on, into the output.
    private void finish(int o, int firstColumn, int n, long from) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int stride = walk.strides()[operands.length][walk.rank() - 1];
        long element = walk.offset(operands.length, o, kept) + (long) firstColumn * stride;
        MemorySegment target = OffHeap.of(out.segment());
        long base = out.offset() + element * out.dtype().bytes();
        boolean single = out.dtype() == DType.F32;
        for (int c = 0; c < n; c++) {
            double sum = scratch.get(JAVA_DOUBLE, from + 8L * c);
            double v = scale == 1 ? sum : sum / scale;
            if (single) {
                target.set(JAVA_FLOAT, base + 4L * c * stride, (float) v);
            } else {
                target.set(JAVA_DOUBLE, base + 8L * c * stride, v);
            }
        }
    }
}
