package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.perf.Alternation.Side;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/// What the machine can do at most, and how exact the functions are: multiply–adds on registers alone, the speed of
/// memory, units in the last place.
final class MachineSuite implements Suite {
    /// Independent chains of multiply–adds per element and their length. Which mix keeps the units busiest depends on
    /// the processor's latency and window, so the best one counts.
    private static final int[][] CHAINS = {{6, 16}, {8, 8}, {8, 16}, {10, 12}, {12, 8}, {16, 8}};
    /// Elements of a thread, no fewer than pointwise work gives each: at 2048 one thread did all of it.
    private static final int IN_CACHE = 1 << 15;
    /// Floats per array; three of them lie outside every cache.
    private static final int IN_MEMORY = 1 << 25;
    private static final int PER_EXPONENT = 512;

    @Override
    public String name() {
        return "machine";
    }

    @Override
    public String summary() {
        return "the ceilings: multiply-adds on registers alone, memory; units in the last place of the functions";
    }

    @Override
    public void run(BenchOptions options, BenchReport report) {
        report.titles("ceilings and accuracy", List.of());
        if (options.wants("peak")) {
            report.row(Row.of("peak of multiply-adds", options.threads(), "GFLOP/s", peak(options), Map.of(),
                    Double.NaN));
        }
        if (options.wants("memory")) {
            report.row(Row.of("memory, a + s b", options.threads(), "GB/s", bandwidth(options), Map.of(), Double.NaN));
        }
        for (UnaryFunction f : UnaryFunction.values()) {
            String function = f.name().toLowerCase(Locale.ROOT);
            if (options.wants("ulp " + function)) {
                report.row(Row.of("ulp " + function, 1, "ulp", units(f), Map.of(), Double.NaN));
            }
        }
    }

    /// The best of the mixes, GFLOP/s of all threads together; each thread works on arrays in its own second-level cache.
    private static double peak(BenchOptions options) {
        double best = 0;
        for (int[] mix : CHAINS) {
            int n = IN_CACHE * options.threads();
            double flops = 2.0 * mix[0] * mix[1] * n;
            best = Math.max(best, flops / nanos(options, List.of(chains(mix[0], mix[1])), 2, n, CHAINS.length + 1));
        }
        return best;
    }

    /// The sum of `chains` values, each `length` times x·itself + y.
    private static Expr chains(int chains, int length) {
        Expr sum = Expr.constant(0);
        for (int c = 0; c < chains; c++) {
            Expr value = Expr.input(0).plus(c + 1);
            for (int i = 0; i < length; i++) {
                value = Expr.fma(value, Expr.input(0), Expr.input(1));
            }
            sum = c == 0 ? value : sum.plus(value);
        }
        return sum;
    }

    /// GB/s of reading two arrays and writing a third.
    private static double bandwidth(BenchOptions options) {
        Expr triad = Expr.fma(Expr.input(0), Expr.constant(3), Expr.input(1));
        return 3.0 * 4 * IN_MEMORY / nanos(options, List.of(triad), 2, IN_MEMORY, 2);
    }

    private static double nanos(BenchOptions options, List<Expr> f, int inputs, int n, double share) {
        try (Threads threads = Threads.of(options.threads()); Arena arena = Arena.ofShared()) {
            List<View> in = new ArrayList<>();
            for (int i = 0; i < inputs; i++) {
                MemorySegment memory = arena.allocate(4L * n, 64);
                for (int j = 0; j < n; j++) {
                    memory.setAtIndex(JAVA_FLOAT, j, 0.25f + 0.5f * i);
                }
                in.add(View.of(memory, 0, DType.F32, n));
            }
            View out = View.of(arena.allocate(4L * n, 64), 0, DType.F32, n);
            Call call = Kernels.vector(threads).pointwise().map(f, in, List.of(out));
            MemorySegment scratch = arena.allocate(Math.max(64, call.scratchBytes()), 64);
            Side side = () -> call.run(scratch);
            return Alternation.medians(List.of(side), options.seconds() / share, options.threads())[0];
        }
    }

    /// The largest distance from the exact value over all exponents and both signs, in units of the last place.
    private static double units(UnaryFunction function) {
        Expr f = Expr.input(0).apply(function);
        int n = 512 * PER_EXPONENT;
        SplittableRandom random = new SplittableRandom(function.ordinal());
        try (Threads threads = Threads.of(1); Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                in.setAtIndex(JAVA_FLOAT, i,
                        Float.intBitsToFloat(((i / PER_EXPONENT) << 23) | random.nextInt(1 << 23)));
            }
            Call call = Kernels.vector(threads).pointwise().map(List.of(f), List.of(View.of(in, 0, DType.F32, n)),
                    List.of(View.of(out, 0, DType.F32, n)));
            call.run(arena.allocate(Math.max(64, call.scratchBytes()), 64));
            double worst = 0;
            for (int i = 0; i < n; i++) {
                double exact = Evaluation.evaluate(f, new double[] {in.getAtIndex(JAVA_FLOAT, i)});
                worst = Math.max(worst, unitsOff(exact, out.getAtIndex(JAVA_FLOAT, i)));
            }
            return worst;
        }
    }

    private static double unitsOff(double exact, float actual) {
        float rounded = (float) exact;
        if (Float.compare(rounded, actual) == 0 || (Double.isNaN(exact) && Float.isNaN(actual))) {
            return 0;
        }
        if (Float.isInfinite(rounded) && Math.abs(actual) == Float.MAX_VALUE) {
            return 1;
        }
        double off = Math.abs(exact - actual) / Math.ulp(rounded);
        return Double.isNaN(off) ? Double.POSITIVE_INFINITY : off;
    }
}
