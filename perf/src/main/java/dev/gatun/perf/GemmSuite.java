package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.GemmKernels;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.perf.Alternation.Side;
import dev.gatun.perf.measure.Latency;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Single-precision matrix products, `sgemm MxNxK`: squares, and the flat ones of serving (few rows against a weight
/// matrix, which Gatun packs once beforehand as its sessions do; the peers have no call for that).
final class GemmSuite implements Suite {
    private static final int ALLOCATION_CALLS = 20;
    private static final String UNIT = "GFLOP/s";
    private static final int[] SQUARES = {16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048};
    private static final int[] FEW_ROWS = {1, 4, 8, 16};
    private static final int[][] WEIGHTS = {{768, 768}, {768, 3072}, {3072, 768}};

    private record Shape(int m, int n, int k, boolean packed) {
        String name() {
            return "sgemm " + m + "x" + n + "x" + k;
        }
    }

    @Override
    public String name() {
        return "gemm";
    }

    @Override
    public String summary() {
        return "matrix products beside OpenBLAS and BLIS";
    }

    private static List<Shape> shapes() {
        List<Shape> shapes = new ArrayList<>();
        for (int n : SQUARES) {
            shapes.add(new Shape(n, n, n, false));
        }
        for (int[] w : WEIGHTS) {
            for (int m : FEW_ROWS) {
                shapes.add(new Shape(m, w[0], w[1], true));
            }
        }
        return shapes;
    }

    @Override
    public void run(BenchOptions options, BenchReport report) {
        List<NativeBlas> peers = Stream.of(
                NativeBlas.openBlas(options.threads()), NativeBlas.blis(options.threads()))
                .flatMap(java.util.Optional::stream)
                .toList();
        peers.forEach(peer -> report.say(peer.about()));
        if (peers.size() < 2) {
            report.say("not all peers are installed; Debian: apt-get install libopenblas0-pthread libblis4-pthread");
        }
        report.titles(name(), peers.stream().map(NativeBlas::name).toList());
        try (Threads threads = Threads.of(options.threads())) {
            GemmKernels gemm = Kernels.vector(threads).gemm();
            for (Shape shape : shapes()) {
                if (options.wants(shape.name())) {
                    measure(shape, gemm, peers, options, report);
                }
            }
        }
    }

    private static void measure(
            Shape shape, GemmKernels gemm, List<NativeBlas> peers, BenchOptions options, BenchReport report) {
        int m = shape.m;
        int n = shape.n;
        int k = shape.k;
        try (Arena arena = Arena.ofShared()) {
            Random random = new Random(1);
            MemorySegment a = random(arena, random, m * k);
            MemorySegment b = random(arena, random, k * n);
            MemorySegment c = arena.allocate(4L * m * n, 64);
            View va = View.of(a, 0, DType.F32, m, k);
            View vb = View.of(b, 0, DType.F32, k, n);
            View vc = View.of(c, 0, DType.F32, m, n);
            Call call = shape.packed
                    ? gemm.gemm(
                            1, va, gemm.pack(vb, arena.allocate(gemm.packedBytes(DType.F32, k, n), 64)), vc,
                            Epilogue.NONE)
                    : gemm.gemm(1, va, vb, 0, vc, Epilogue.NONE);
            MemorySegment scratch = arena.allocate(Math.max(64, call.scratchBytes()), 64);
            List<Side> sides = new ArrayList<>();
            sides.add(() -> call.run(scratch));
            for (NativeBlas peer : peers) {
                sides.add(() -> peer.sgemm(m, n, k, a, b, c));
            }
            for (int i = 0; i < sides.size(); i++) {
                c.fill((byte) 0xFF);
                once(sides.get(i));
                String error = error(shape, a, b, c, random);
                if (!error.isEmpty()) {
                    report.wrong(shape.name(), (i == 0 ? "gatun" : peers.get(i - 1).name()) + ": " + error);
                    return;
                }
            }
            double[] times = Alternation.medians(sides, options.seconds(), options.threads());
            double work = 2.0 * m * n * k;
            Map<String, Double> rates = new LinkedHashMap<>();
            for (int i = 0; i < peers.size(); i++) {
                rates.put(peers.get(i).name(), work / times[i + 1]);
            }
            report.row(Row.of(shape.name(), options.threads(), UNIT, work / times[0], rates,
                    Latency.bytes(() -> call.run(scratch), ALLOCATION_CALLS)).with("flops", work)
                    .with("bytes", 4.0 * ((double) m * k + (double) k * n + (double) m * n)));
        }
    }

    private static void once(Side side) {
        try {
            side.run();
        } catch (Throwable failure) {
            throw new IllegalStateException("bench: a side failed", failure);
        }
    }

    private static MemorySegment random(Arena arena, Random random, int count) {
        MemorySegment memory = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            memory.setAtIndex(JAVA_FLOAT, i, random.nextFloat() - 0.5f);
        }
        return memory;
    }

    /// Looks at the corners and some 500 elements more, by sums in double.
    private static String error(Shape s, MemorySegment a, MemorySegment b, MemorySegment c, Random random) {
        for (int t = 0; t < 504; t++) {
            int i = t < 4 ? (t & 1) * (s.m - 1) : random.nextInt(s.m);
            int j = t < 4 ? (t >> 1) * (s.n - 1) : random.nextInt(s.n);
            double sum = 0;
            double terms = 0;
            for (int p = 0; p < s.k; p++) {
                double term = (double) a.getAtIndex(JAVA_FLOAT, (long) i * s.k + p)
                        * b.getAtIndex(JAVA_FLOAT, (long) p * s.n + j);
                sum += term;
                terms += Math.abs(term);
            }
            float actual = c.getAtIndex(JAVA_FLOAT, (long) i * s.n + j);
            if (!(Math.abs(actual - sum) <= 4 * Math.sqrt(s.k) * 0x1p-24 * terms)) {
                return "element [" + i + ", " + j + "] is " + actual + " instead of " + sum;
            }
        }
        return "";
    }
}
