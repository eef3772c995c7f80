package dev.gatun.ops.graph;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.ScaledDotProductAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Where the time of a plan goes: every kernel call timed by itself, in the order of the plan, so that each finds the
/// caches as it does in a real run.
public final class Explanation {
    private static final int ROUNDS = 15;
    private static final long PEAK_NANOS = 1_000_000_000;
    private static final int CHAINS = 8;
    private static final int LENGTH = 8;
    /// Numbers per thread that the chains of multiply-adds run over; they stay in the second-level cache. No fewer than pointwise
    /// work gives each thread: at 2048 one thread did all of it.
    private static final int IN_CACHE = 1 << 15;

    private Explanation() {}

    /// A table with a line per kernel call: operation, kernel, shape and layout of the result (`nhwc`: channels last) and
    /// of packed weights, the
    /// median time of 15 runs in µs, its share of the whole, GFLOP/s and their share of the peak, which is measured on
    /// the spot by chains of multiply-adds in registers. Products, convolutions and recurrent layers count 2 FLOP per
    /// multiply-add that their definition has, also where Winograd's algorithm needs fewer; other steps have none to show.
    public static String of(Plan plan, Workspace workspace) {
        Kernels kernels = plan.weights().kernels();
        double peak = peak(kernels, plan.weights().memory());
        double[] micros = times(workspace, plan.graph().inputs().size());
        double all = Arrays.stream(micros).sum();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%d kernel calls, %.1f us; peak of %d threads %.1f GFLOP/s%n", micros.length, all,
                kernels.threads().count(), peak));
        text.append(line("#", "step", "kernel", "result", "weights", "us", "time", "GFLOP/s", "peak"));
        for (int i = 0; i < micros.length; i++) {
            Step step = workspace.step(i);
            double rate = flops(step) / micros[i] / 1e3;
            text.append(line(
                    Integer.toString(i), step.op().name(), workspace.kernel(i),
                    (step.outputs().getFirst().signature() + " " + plan.layout(step.outputs().getFirst())).strip(),
                    plan.layout(step),
                    String.format(Locale.ROOT, "%.1f", micros[i]),
                    String.format(Locale.ROOT, "%.1f %%", 100 * micros[i] / all),
                    rate == 0 ? "" : String.format(Locale.ROOT, "%.1f", rate),
                    rate == 0 ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * rate / peak)));
        }
        return text.toString();
    }

    private static String line(String... cells) {
        return String.format(Locale.ROOT, "%3s  %-26s %-20s %-26s %-8s %10s %8s %9s %7s%n", (Object[]) cells);
    }

    private static double[] times(Workspace workspace, int inputs) {
        double[][] micros = new double[workspace.calls()][ROUNDS];
        clear(workspace, inputs);
        workspace.run();
        for (int r = 0; r < ROUNDS; r++) {
            // Each time: what a plan has read, it may overwrite, and indices must stay in range.
            clear(workspace, inputs);
            for (int i = 0; i < micros.length; i++) {
                long start = System.nanoTime();
                workspace.run(i);
                micros[i][r] = (System.nanoTime() - start) / 1e3;
            }
        }
        return Arrays.stream(micros).mapToDouble(t -> Arrays.stream(t).sorted().skip(ROUNDS / 2).findFirst().orElse(0))
                .toArray();
    }

    private static void clear(Workspace workspace, int inputs) {
        for (int i = 0; i < inputs; i++) {
            workspace.input(i).fill((byte) 0);
        }
    }

    /// Floating-point operations of a step by its definition.
    private static double flops(Step step) {
        double results = step.outputs().getFirst().signature().shape().count();
        return switch (step.op()) {
            case Fusible product -> {
                int[] w = step.inputs().get(1).signature().shape().dims();
                yield 2 * results * product.terms(w);
            }
            case ConvChain chain -> 2.0 * chain.multiplyAdds(step.inputs().stream().map(Value::signature).toList());
            case ScaledDotProductAttention _ -> {
                int[] q = step.inputs().get(0).signature().shape().dims();
                int[] k = step.inputs().get(1).signature().shape().dims();
                yield 2.0 * q[0] * q[1] * q[2] * k[2] * q[3] + 2 * results * k[2];
            }
            case Recurrent _ -> {
                int[] x = step.inputs().get(0).signature().shape().dims();
                int[] w = step.inputs().get(2).signature().shape().dims();
                yield 2.0 * x[0] * x[1] * w[0] * (x[2] + w[1]);
            }
            default -> 0;
        };
    }

    /// GFLOP/s of all threads together on independent chains of multiply-adds.
    private static double peak(Kernels kernels, MemoryPool memory) {
        Expr sum = Expr.constant(0);
        for (int c = 0; c < CHAINS; c++) {
            Expr value = Expr.input(0).plus(c + 1);
            for (int i = 0; i < LENGTH; i++) {
                value = Expr.fma(value, Expr.input(0), Expr.input(1));
            }
            sum = sum.plus(value);
        }
        int n = IN_CACHE * kernels.threads().count();
        Block block = memory.acquire(3L * Float.BYTES * n, "session explanation");
        try {
            block.segment().fill((byte) 0);
            List<View> views = IntStream.range(0, 3)
                    .mapToObj(i -> View.of(block.segment(), (long) i * Float.BYTES * n, DType.F32, n))
                    .toList();
            Call call = kernels.pointwise().map(List.of(sum), views.subList(0, 2), views.subList(2, 3));
            Block scratch = memory.acquire(call.scratchBytes(), "session explanation");
            try {
                double best = Double.MAX_VALUE;
                long start = System.nanoTime();
                for (long now = start; now - start < PEAK_NANOS;) {
                    call.run(scratch.segment());
                    long end = System.nanoTime();
                    best = Math.min(best, end - now);
                    now = end;
                }
                return 2.0 * CHAINS * LENGTH * n / best;
            } finally {
                scratch.release();
            }
        } finally {
            block.release();
        }
    }
}
