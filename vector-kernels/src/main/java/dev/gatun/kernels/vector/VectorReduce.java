package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.ReduceKernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.ReduceCheck;
import dev.gatun.kernels.codegen.ExprLowering;
import dev.gatun.kernels.codegen.FoldCompiler;
import dev.gatun.kernels.codegen.FoldCompiler.Fold;
import dev.gatun.kernels.codegen.FoldLoop;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.reference.ReferenceCopy;
import dev.gatun.kernels.reference.ReferenceReduce;
import dev.gatun.kernels.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/// Maths: folds of an expression over any dims, first index of an extreme, running sums.
/// Layout: dims ordered by stride; the inner dim is either reduced (lines) or kept (columns). Operands that are neither
/// contiguous nor repeated there are mapped into scratch memory first.
/// Blocking: pieces of at most 4096 elements or 1024 rows, parts of about 65,536 elements, cut by the sizes alone;
/// pieces are added in double, parts in index order, so that the bits do not depend on threads.
/// Registers: see the generated fold.
/// Evidence: VectorReduceTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class VectorReduce implements ReduceKernels {
    private final Threads threads;
    private final int bits;
    private final VectorPointwise pointwise;
    private final ConcurrentHashMap<Key, FoldLoop> loops;

    private record Key(Fold fold, Expr map, DType dtype, List<Access> inputs) {}

    /// For vectors of `bits` bits; expressions that the fold cannot take are mapped by `pointwise`.
    public VectorReduce(Threads threads, int bits, VectorPointwise pointwise) {
        this(threads, bits, pointwise, new ConcurrentHashMap<>());
    }

    private VectorReduce(
            Threads threads, int bits, VectorPointwise pointwise, ConcurrentHashMap<Key, FoldLoop> loops) {
        this.threads = threads;
        this.bits = bits;
        this.pointwise = pointwise;
        this.loops = loops;
    }

    /// The same folds on other threads.
    VectorReduce on(Threads others, VectorPointwise pointwiseThere) {
        return new VectorReduce(others, bits, pointwiseThere, loops);
    }

    @Override
    public Call reduce(Reduction reduction, Expr map, List<View> in, View out) {
        ReduceCheck.reduce(reduction, map, in, out);
        if (!out.dtype().isFloating()) {
            // Exact 64-bit sums of integers are counts of labels, not hot.
            return new ReferenceReduce().reduce(reduction, map, in, out);
        }
        Fold fold = fold(reduction);
        if (in.getFirst().count() == 0) {
            return new ReferenceCopy().fill(out, reduction == Reduction.MEAN ? Double.NaN : fold.identity());
        }
        Walk walk = walk(in, out);
        boolean direct = in.size() <= FoldCompiler.MAX_INPUTS
                && (out.dtype() == DType.F32 || ExprLowering.isCheap(map))
                && IntStream.range(0, in.size()).allMatch(i -> walk.strides()[i][walk.rank() - 1] <= 1);
        if (!direct) {
            return mapped(reduction, map, in, out);
        }
        List<Access> access = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            boolean contiguous = walk.strides()[i][walk.rank() - 1] == 1;
            access.add(contiguous ? Access.CONTIGUOUS : Access.REPEATED);
        }
        FoldLoop loop = loop(fold, map, out.dtype(), access);
        double scale = reduction == Reduction.MEAN ? (double) in.getFirst().count() / out.count() : 1;
        boolean lines = walk.strides()[in.size()][walk.rank() - 1] == 0;
        return lines
                ? new LineReduction(threads, loop, fold, scale, walk, in, out)
                : new ColumnReduction(threads, loop, fold, scale, walk, in, out);
    }

    /// The generated fold for these operands.
    FoldLoop loop(Fold fold, Expr map, DType dtype, List<Access> access) {
        return loops.computeIfAbsent(
                new Key(fold, map, dtype, List.copyOf(access)),
                k -> FoldCompiler.compile(
                        k.fold, ExprLowering.lower(k.dtype, List.of(k.map)), new VectorType(k.dtype, bits), k.inputs));
    }

    static Fold fold(Reduction reduction) {
        return switch (reduction) {
            case SUM, MEAN -> Fold.ADD;
            case PROD -> Fold.MUL;
            case MAX -> Fold.MAX;
            case MIN -> Fold.MIN;
        };
    }

    /// The operands, then the output with stride 0 in every reduced dim, ordered by the strides of the operand with the
    /// fewest repeated dims.
    private static Walk walk(List<View> in, View out) {
        int[] dims = in.getFirst().dims();
        View leader = in.getFirst();
        for (View v : in) {
            leader = repeats(v) < repeats(leader) ? v : leader;
        }
        List<View> operands = new ArrayList<>(in);
        operands.add(out.expand(dims));
        return Walk.of(operands, operands.indexOf(leader));
    }

    private static int repeats(View v) {
        int n = 0;
        for (int i = 0; i < v.rank(); i++) {
            n += v.stride(i) == 0 && v.dim(i) > 1 ? 1 : 0;
        }
        return n;
    }

    /// The expression into contiguous scratch memory, then the fold of that.
    private Call mapped(Reduction reduction, Expr map, List<View> in, View out) {
        int[] dims = in.getFirst().dims();
        return new Sequence((long) View.count(dims) * out.dtype().bytes(), memory -> {
            View temporary = View.of(memory, 0, out.dtype(), dims);
            return List.of(
                    pointwise.map(List.of(map), in, List.of(temporary)),
                    reduce(reduction, Expr.input(0), List.of(temporary), out));
        });
    }

    @Override
    public Call arg(boolean largest, View in, View out, int dim) {
        ReduceCheck.arg(in, out, dim);
        return new ArgSearch(threads, largest, in, out, dim);
    }

    @Override
    public Call cumsum(View in, View out, int dim) {
        ReduceCheck.cumsum(in, out, dim);
        return new RunningSum(threads, in, out, dim);
    }
}
