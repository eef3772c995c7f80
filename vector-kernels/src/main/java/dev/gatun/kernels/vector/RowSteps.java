package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Maths: steps along the lines of a dim ([RowStep]): softmax, its gradient, and whatever else folds a line and maps it.
/// Layout: lines that are contiguous F32 are done one by one, every step while the line is in cache; other layouts and
/// very long lines step by step over the whole operands.
/// Blocking: a line; lines are shared among the threads. Which way is taken depends on shapes and strides only.
/// Registers: see the generated loops.
/// Evidence: VectorSoftmaxTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
final class RowSteps {
    /// Longer lines leave the second-level cache between two steps.
    private static final int LONGEST_LINE = 65536;

    private final Threads threads;
    private final VectorPointwise pointwise;
    private final VectorReduce reduce;

    RowSteps(Threads threads, VectorPointwise pointwise, VectorReduce reduce) {
        this.threads = threads;
        this.pointwise = pointwise;
        this.reduce = reduce;
    }

    Call call(List<RowStep> steps, int slots, int dim, View... operands) {
        int n = operands[0].dim(dim);
        if (operands[0].count() == 0) {
            return scratch -> {};
        }
        boolean contiguous = IntStream.range(0, operands.length).allMatch(i -> n == 1 || operands[i].stride(dim) == 1);
        if (contiguous && operands[0].dtype() == DType.F32 && n <= LONGEST_LINE) {
            return new RowCall(threads, pointwise, reduce, steps, slots, dim, operands);
        }
        DType dtype = operands[0].dtype();
        int[] kept = operands[0].dims();
        kept[dim] = 1;
        long slotBytes = ((long) View.count(kept) * dtype.bytes() + 63) & -64;
        return new Sequence(slots * slotBytes, memory -> {
            List<View> numbers = new ArrayList<>();
            for (int i = 0; i < slots; i++) {
                numbers.add(View.of(memory, i * slotBytes, dtype, kept));
            }
            return steps.stream().map(s -> whole(s, numbers, operands)).toList();
        });
    }

    private Call whole(RowStep step, List<View> numbers, View[] operands) {
        return switch (step) {
            case RowStep.Fold f ->
                    reduce.reduce(f.reduction(), f.map(), views(f.sources(), numbers, operands), numbers.get(f.slot()));
            case RowStep.Map m -> pointwise.map(
                    List.of(m.map()), views(m.sources(), numbers, operands), List.of(operands[m.target()]));
            case RowStep.Number s ->
                    pointwise.map(List.of(s.expr()), numbers, List.of(numbers.get(s.slot())));
        };
    }

    private static List<View> views(List<Integer> sources, List<View> numbers, View[] operands) {
        int[] dims = operands[0].dims();
        return sources.stream().map(s -> s >= 0 ? operands[s] : numbers.get(-1 - s).expand(dims)).toList();
    }

    /// Where a line's numbers lie in scratch memory, per worker: a cache line.
    static final int NUMBER_BYTES = 64;
}
