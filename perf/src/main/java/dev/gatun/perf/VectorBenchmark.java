package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Pointwise maps, vector maths, reductions, softmax, copies and random numbers on an F32 matrix `[rows, columns]`:
/// `-p work=EXP -p rows=8 -p columns=1024 -p threads=1`. Divide by `rows·columns/16` for the time per 16 elements.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class VectorBenchmark {
    /// A function of one operand by its name, or one of the others in [#bind].
    @Param({"RELU", "ADD", "SQRT", "EXP", "EXPM1", "LOG", "LOG1P", "TANH", "SIGMOID", "SOFTPLUS", "ERF", "SIN", "COS",
        "SILU", "GELU", "POW", "ADD_TRANSPOSED", "SUM_LINES", "SUM_COLUMNS", "MAX_LINES", "SOFTMAX", "COPY",
        "TRANSPOSE", "BERNOULLI"}) public String work = "";

    /// Rows.
    @Param({"8", "4096"}) public int rows;

    /// Columns.
    @Param({"1024"}) public int columns;

    /// Workers.
    @Param({"1"}) public int threads;

    private Arena arena = Arena.ofShared();
    private Threads pool = Threads.of(1);
    private Call call = scratch -> {};
    private MemorySegment memory = MemorySegment.NULL;

    /// Binds the work to normal numbers.
    @Setup
    public void bind() {
        pool.close();
        pool = Threads.of(threads);
        arena = Arena.ofShared();
        Kernels k = Kernels.vector(pool);
        View x = normal(1);
        View y = normal(2);
        View out = normal(3);
        Expr a = Expr.input(0);
        Expr b = Expr.input(1);
        call = switch (work) {
            case "RELU" -> map(k, a.max(Expr.constant(0)), x, x, out);
            case "ADD" -> map(k, a.plus(b), x, y, out);
            case "SILU" -> map(k, a.times(a.apply(UnaryFunction.SIGMOID)), x, y, out);
            case "GELU" -> map(k, a.times(a.apply(UnaryFunction.NORMAL_CDF)), x, y, out);
            case "POW" -> map(k, a.apply(UnaryFunction.ABS).apply(BinaryFunction.POW, b), x, y, out);
            case "ADD_TRANSPOSED" ->
                    map(k, a.plus(b), x, y.restride(0, new int[] {rows, columns}, new int[] {1, rows}), out);
            case "SUM_LINES" -> k.reduce().reduce(Reduction.SUM, a, List.of(x), of(rows, 1));
            case "SUM_COLUMNS" -> k.reduce().reduce(Reduction.SUM, a, List.of(x), of(1, columns));
            case "MAX_LINES" -> k.reduce().reduce(Reduction.MAX, a, List.of(x), of(rows, 1));
            case "SOFTMAX" -> k.softmax().softmax(x, out, 1, false);
            case "COPY" -> k.copy().copy(x, out);
            case "TRANSPOSE" ->
                    k.copy().copy(x.restride(0, new int[] {rows, columns}, new int[] {1, rows}), out);
            case "BERNOULLI" -> k.random().bernoulli(1, 0, out, 0.5, 2);
            default -> map(k, a.apply(UnaryFunction.valueOf(work)), x, y, out);
        };
        memory = arena.allocate(Math.max(64, call.scratchBytes()), 64);
    }

    private static Call map(Kernels k, Expr e, View x, View y, View out) {
        return k.pointwise().map(List.of(e), List.of(x, y), List.of(out));
    }

    private View of(int... dims) {
        return View.of(arena.allocate(4L * View.count(dims), 64), 0, DType.F32, dims);
    }

    private View normal(long seed) {
        View v = of(rows, columns);
        Random random = new Random(seed);
        for (int i = 0; i < v.count(); i++) {
            v.segment().setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return v;
    }

    /// Ends the threads and gives the memory back.
    @TearDown
    public void close() {
        pool.close();
        arena.close();
    }

    /// One run.
    @Benchmark
    public void run() {
        call.run(memory);
    }
}
