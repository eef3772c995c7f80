package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Fallback;
import dev.gatun.kernels.codegen.FoldCompiler;
import dev.gatun.kernels.codegen.FoldLoop;
import dev.gatun.kernels.codegen.PointwiseLoop;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// [RowSteps] on contiguous F32 lines, one line after another.
final class RowCall implements Call, Task {
    private static final int GRAIN = 8192;

    private final Threads threads;
    private final Lines lines;
    private final View[] operands;
    private final Step[] steps;
    private final int slots;
    private final int n;
    private final int chunks;
    private final double[][] numbers;
    private MemorySegment scratch = MemorySegment.NULL;

    /// A step with its loop; segments and offsets are per worker.
    private static final class Step {
        RowStep step = new RowStep.Number(Expr.constant(0), 0);
        int[] sources = {};
        int target = -1;
        @org.jspecify.annotations.Nullable PointwiseLoop map;
        @org.jspecify.annotations.Nullable FoldLoop fold;
        FoldCompiler.Fold operation = FoldCompiler.Fold.ADD;
        boolean mean;
        MemorySegment[][] segments = {};
        long[][] offsets = {};
    }

    RowCall(
            Threads threads, VectorPointwise pointwise, VectorReduce reduce, List<RowStep> list, int slots, int dim,
            View... operands) {
        this.threads = threads;
        this.operands = operands;
        this.slots = slots;
        lines = Lines.along(dim, operands);
        n = operands[0].dim(dim);
        long work = (long) lines.count() * n * list.size();
        chunks = (int) Math.max(1, Math.min(Math.min(lines.count(), work / GRAIN), threads.count() * 8L));
        numbers = new double[threads.count()][slots];
        steps = list.stream().map(s -> prepare(s, pointwise, reduce)).toArray(Step[]::new);
    }

    private Step prepare(RowStep step, VectorPointwise pointwise, VectorReduce reduce) {
        Step s = new Step();
        s.step = step;
        List<Integer> sources = switch (step) {
            case RowStep.Fold f -> f.sources();
            case RowStep.Map m -> m.sources();
            case RowStep.Number x -> List.of();
        };
        List<Access> access = new ArrayList<>();
        for (int source : sources) {
            access.add(source >= 0 ? Access.CONTIGUOUS : Access.REPEATED);
        }
        switch (step) {
            case RowStep.Fold f -> {
                s.operation = VectorReduce.fold(f.reduction());
                s.mean = f.reduction() == dev.gatun.kernels.Reduction.MEAN;
                s.fold = reduce.loop(s.operation, f.map(), DType.F32, access);
            }
            case RowStep.Map m -> {
                s.map = pointwise.loop(List.of(m.map()), DType.F32, access);
                s.target = m.target();
            }
            case RowStep.Number x -> {}
        }
        int count = sources.size() + (s.target >= 0 ? 1 : 0);
        s.sources = new int[count];
        for (int i = 0; i < sources.size(); i++) {
            s.sources[i] = sources.get(i);
        }
        if (s.target >= 0) {
            s.sources[count - 1] = s.target;
        }
        s.segments = new MemorySegment[threads.count()][count];
        s.offsets = new long[threads.count()][count + Fallback.ROOM];
        for (MemorySegment[] row : s.segments) {
            for (int i = 0; i < count; i++) {
                row[i] = s.sources[i] >= 0 ? operands[s.sources[i]].segment() : MemorySegment.NULL;
            }
        }
        return s;
    }

    @Override
    public long scratchBytes() {
        return (long) threads.count() * RowSteps.NUMBER_BYTES;
    }

    @Override
    public void run(MemorySegment memory) {
        if (!memory.equals(scratch)) {
            scratch = memory;
            for (Step s : steps) {
                for (int w = 0; w < s.segments.length; w++) {
                    for (int i = 0; i < s.sources.length; i++) {
                        if (s.sources[i] < 0) {
                            s.segments[w][i] = memory;
                            s.offsets[w][i] = (long) w * RowSteps.NUMBER_BYTES + (-1 - s.sources[i]) * 4L;
                        }
                    }
                }
            }
        }
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        for (int line = lines.first(chunk, chunks); line < lines.first(chunk + 1, chunks); line++) {
            for (Step s : steps) {
                for (int i = 0; i < s.sources.length; i++) {
                    if (s.sources[i] >= 0) {
                        s.offsets[worker][i] =
                                operands[s.sources[i]].offset() + lines.offset(s.sources[i], line) * 4;
                    }
                }
                run(s, worker);
            }
        }
    }

    private void run(Step s, int worker) {
        switch (s.step) {
            case RowStep.Fold f -> number(f.slot(), fold(s, worker), worker);
            case RowStep.Map m -> map(s, worker);
            case RowStep.Number x -> number(x.slot(), Evaluation.evaluate(x.expr(), numbers[worker]), worker);
        }
    }

    /// Kept in double for further numbers, in float for the lines.
    private void number(int slot, double value, int worker) {
        numbers[worker][slot] = value;
        OffHeap.of(scratch).set(JAVA_FLOAT, (long) worker * RowSteps.NUMBER_BYTES + slot * 4L, (float) value);
    }

    private void map(Step s, int worker) {
        PointwiseLoop loop = java.util.Objects.requireNonNull(s.map);
        loop.isCold();
        int whole = n & -loop.lanes();
        if (whole > 0) {
            loop.body(s.segments[worker], s.offsets[worker], whole);
        }
        if (n > whole) {
            loop.tail(s.segments[worker], s.offsets[worker], whole, n - whole);
        }
    }

    private double fold(Step s, int worker) {
        FoldLoop loop = java.util.Objects.requireNonNull(s.fold);
        double sum = s.operation.identity();
        for (int from = 0; from < n; from += FoldLoop.LINE) {
            int count = Math.min(FoldLoop.LINE, n - from);
            sum = s.operation.apply(sum, loop.line(s.segments[worker], s.offsets[worker], count));
            for (int i = 0; i < s.sources.length; i++) {
                s.offsets[worker][i] += s.sources[i] >= 0 ? count * 4L : 0;
            }
        }
        return s.mean ? sum / n : sum;
    }
}
