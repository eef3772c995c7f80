package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.gatun.kernels.Call;
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

/// A fold whose inner dim is reduced: pieces of lines, added in double. Long folds are cut into parts whose results
/// meet in scratch memory.
final class LineReduction implements Call, Task {
    private static final int PART_ELEMENTS = 65536;
    private static final int GRAIN = 32768;

    private final Threads threads;
    private final FoldLoop loop;
    private final Fold fold;
    private final double scale;
    private final Walk walk;
    private final View[] operands;
    private final View out;
    private final int[] kept;
    private final int[] reduced;
    private final int line;
    private final int piecesPerLine;
    private final long pieces;
    private final int piecesPerPart;
    private final int parts;
    private final int outputs;
    private final int chunks;
    private final MemorySegment[] segments;
    private final long[][] offsets;
    private MemorySegment scratch = MemorySegment.NULL;

    LineReduction(Threads threads, FoldLoop loop, Fold fold, double scale, Walk walk, List<View> in, View out) {
        this.threads = threads;
        this.loop = loop;
        this.fold = fold;
        this.scale = scale;
        this.walk = walk;
        this.out = out;
        operands = in.toArray(View[]::new);
        int last = walk.rank() - 1;
        int[] toOut = walk.strides()[operands.length];
        kept = IntStream.range(0, last).filter(d -> toOut[d] != 0).toArray();
        reduced = IntStream.range(0, last).filter(d -> toOut[d] == 0).toArray();
        line = walk.dims()[last];
        piecesPerLine = (line + FoldLoop.LINE - 1) / FoldLoop.LINE;
        pieces = (long) walk.count(reduced) * piecesPerLine;
        piecesPerPart = Math.max(1, PART_ELEMENTS / Math.min(line, FoldLoop.LINE));
        parts = (int) ((pieces + piecesPerPart - 1) / piecesPerPart);
        outputs = walk.count(kept);
        chunks = (int) Math.max(
                1, Math.min(Math.min((long) outputs * parts, walk.count() / GRAIN), threads.count() * 8L));
        segments = Arrays.stream(operands).map(View::segment).toArray(MemorySegment[]::new);
        offsets = new long[threads.count()][operands.length + Fallback.ROOM];
    }

    @Override
    public long scratchBytes() {
        return parts == 1 ? 0 : 8L * parts * outputs;
    }

    @Override
    public void run(MemorySegment memory) {
        memory = OffHeap.of(memory);
        scratch = memory;
        threads.run(this, chunks);
        if (parts > 1) {
            for (int o = 0; o < outputs; o++) {
                double sum = fold.identity();
                for (int p = 0; p < parts; p++) {
                    sum = fold.apply(sum, memory.get(JAVA_DOUBLE, 8L * ((long) o * parts + p)));
                }
                finish(o, sum);
            }
        }
    }

    @Override
    public void run(int chunk, int worker) {
        long units = (long) outputs * parts;
        long end = units * (chunk + 1) / chunks;
        for (long unit = units * chunk / chunks; unit < end; unit++) {
            int output = (int) (unit / parts);
            int part = (int) (unit % parts);
            double sum = part(output, part, offsets[worker]);
            if (parts == 1) {
                finish(output, sum);
            } else {
                OffHeap.of(scratch).set(JAVA_DOUBLE, 8L * unit, sum);
            }
        }
    }

    private double part(int output, int part, long[] at) {
        double sum = fold.identity();
        long first = (long) part * piecesPerPart;
        long end = Math.min(pieces, first + piecesPerPart);
        int last = walk.rank() - 1;
        for (long piece = first; piece < end; piece++) {
            int from = (int) (piece % piecesPerLine) * FoldLoop.LINE;
            for (int i = 0; i < operands.length; i++) {
                long element = walk.offset(i, output, kept) + walk.offset(i, piece / piecesPerLine, reduced)
                        + (long) from * walk.strides()[i][last];
                at[i] = operands[i].offset() + element * operands[i].dtype().bytes();
            }
            sum = fold.apply(sum, loop.line(segments, at, Math.min(FoldLoop.LINE, line - from)));
        }
        return sum;
    }

    private void finish(int output, double sum) {
        out.setDouble(walk.offset(operands.length, output, kept), scale == 1 ? sum : sum / scale);
    }
}
