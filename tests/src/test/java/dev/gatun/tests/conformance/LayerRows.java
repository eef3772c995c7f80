package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import java.util.ArrayList;
import java.util.List;

/// Softmax, pooling and batch normalisation with their gradients. The fast pooling and normalisation compute F32 only;
/// what the reference makes of F64 is held against differences by [GradientTest].
final class LayerRows {
    private LayerRows() {
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("softmax", List.of("SoftmaxKernels.softmax(View, View, int, boolean)"), softmax()));
        rows.add(new Row("softmax gradient", List.of("SoftmaxKernels.gradient(View, View, View, int, boolean)"),
                softmaxGradient()));
        rows.add(new Row("max pooling", List.of("PoolKernels.max(PoolSpec, View, View, View)"), maxPool()));
        rows.add(new Row("max pooling gradient", List.of("PoolKernels.maxGradient(PoolSpec, View, View, View)"),
                maxPoolGradient()));
        rows.add(new Row("average pooling", List.of("PoolKernels.average(PoolSpec, View, View)"), averagePool(false)));
        rows.add(new Row("average pooling gradient", List.of("PoolKernels.averageGradient(PoolSpec, View, View)"),
                averagePool(true)));
        rows.add(new Row("batch normalisation",
                List.of("NormKernels.batchNorm(View, View, View, double, View, View, View)"), batchNorm()));
        rows.add(new Row("batch normalisation gradient", List.of(
                "NormKernels.batchNormGradient(View, View, View, View, double, View, View, View, View)"),
                batchNormGradient()));
        return rows;
    }

    private static final int[] LINES = {0, 1, 2, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000};

    private static List<Case> softmax() {
        List<Case> cases = new ArrayList<>();
        for (boolean log : new boolean[] {false, true}) {
            for (int n : LINES) {
                cases.add(n == 1 ? softmax(Operand.f32(3, n), 1, log, false).allowZeros()
                        : softmax(Operand.f32(3, n), 1, log, false));
            }
            for (int dim : new int[] {0, 1, 2}) {
                for (Layout layout : Layout.values()) {
                    cases.add(softmax(Operand.f32(6, 17, 33).as(layout), dim, log, false));
                }
                cases.add(softmax(Operand.f32(6, 17, 33), dim, log, true));
                cases.add(softmax(Operand.of(DType.F64, Domain.NORMAL, 6, 17, 33), dim, log, false));
            }
            cases.add(softmax(Operand.f32(50, 20).with(Domain.uniform(-20, 20)), 1, log, false).allowZeros());
            cases.add(softmax(Operand.f32(50, 20).with(Domain.MASKED), 1, log, false).allowZeros());
            cases.add(softmax(Operand.f32(50, 20).with(Domain.constant(Double.NEGATIVE_INFINITY)), 1, log, false));
            cases.add(softmax(Operand.f32(50, 20).with(Domain.SPECIAL), 1, log, false).allowZeros());
        }
        return cases;
    }

    private static Case softmax(Operand x, int dim, boolean log, boolean inPlace) {
        Operand out = inPlace ? x : Operand.out(x.dtype(), x.dims());
        // The exponential is within 2 units, the sum within √n: relative for softmax, absolute for its logarithm.
        // Rounding x − max costs e^(x − max) half a unit per unit of it, 40 at most here.
        double units = 28 + 2 * Math.sqrt(x.dims()[dim]);
        Tolerance tolerance = log ? Tolerance.ofLargest(units) : Tolerance.ulp(units);
        return new Case((log ? "log-" : "") + "softmax dim " + dim + (inPlace ? " in place" : ""), List.of(x),
                List.of(out), tolerance, (k, in, o) -> k.softmax().softmax(inPlace ? o.getFirst() : in.getFirst(),
                        o.getFirst(), dim, log));
    }

    private static List<Case> softmaxGradient() {
        List<Case> cases = new ArrayList<>();
        for (boolean log : new boolean[] {false, true}) {
            for (int n : LINES) {
                cases.add(softmaxGradient(3, n, 1, Layout.PLAIN, log, DType.F32));
            }
            for (Layout layout : Layout.values()) {
                cases.add(softmaxGradient(19, 33, 0, layout, log, DType.F32));
                cases.add(softmaxGradient(19, 33, 1, layout, log, DType.F32));
            }
            cases.add(softmaxGradient(19, 33, 1, Layout.PLAIN, log, DType.F64));
        }
        return cases;
    }

    private static Case softmaxGradient(int m, int n, int dim, Layout layout, boolean log, DType type) {
        Domain y = log ? Domain.uniform(-6, -0.1) : Domain.uniform(0.001, 0.2);
        return new Case("softmax gradient dim " + dim + (log ? " log" : ""),
                List.of(Operand.of(type, y, m, n).as(layout), Operand.of(type, Domain.NORMAL, m, n).as(layout)),
                List.of(Operand.out(type, m, n)), Tolerance.ofLargest(16 + 4 * Math.sqrt(Math.max(m, n))),
                (k, in, out) -> k.softmax().gradient(in.get(0), in.get(1), out.getFirst(), dim, log));
    }

    private static final Layout[] IMAGES = {Layout.CHANNELS_LAST, Layout.SPACED_PIXELS};

    private record Pool(int[] x, PoolSpec spec) {
        int[] y() {
            return new int[] {x[0], x[1], spec.height().count(), spec.width().count()};
        }
    }

    private static List<Pool> pools() {
        List<Pool> pools = new ArrayList<>();
        for (int[] p : new int[][] {{2, 2, 0, 1}, {3, 1, 1, 1}, {3, 2, 1, 1}, {2, 3, 0, 1}, {3, 2, 0, 2}, {5, 3, 2, 1},
            {1, 1, 0, 1}}) {
            for (int[] hw : new int[][] {{8, 8}, {7, 19}, {16, 33}, {13, 66}}) {
                for (boolean ceil : new boolean[] {false, true}) {
                    pools.add(new Pool(new int[] {2, 3, hw[0], hw[1]},
                            new PoolSpec(Windows.fixed(hw[0], p[0], p[1], p[2], p[3], ceil),
                                    Windows.fixed(hw[1], p[0], p[1], p[2], p[3], ceil), ceil)));
                }
            }
        }
        pools.add(adaptive(9, 13, 1, 1));
        pools.add(adaptive(9, 13, 4, 5));
        pools.add(adaptive(5, 5, 7, 7));
        pools.add(new Pool(new int[] {3, 17, 1, 71},
                new PoolSpec(Windows.fixed(1, 1, 1, 0, 1, false), Windows.fixed(71, 3, 3, 0, 1, false), false)));
        pools.add(new Pool(new int[] {0, 3, 4, 4},
                new PoolSpec(Windows.fixed(4, 2, 2, 0, 1, false), Windows.fixed(4, 2, 2, 0, 1, false), false)));
        return pools;
    }

    private static Pool adaptive(int h, int w, int oh, int ow) {
        return new Pool(new int[] {2, 5, h, w},
                new PoolSpec(Windows.adaptive(h, oh), Windows.adaptive(w, ow), false));
    }

    private static List<Case> maxPool() {
        List<Case> cases = new ArrayList<>();
        for (Pool p : pools()) {
            for (Domain domain : List.of(Domain.NORMAL, Domain.TIES, Domain.SOME_NAN, Domain.MASKED)) {
                cases.add(maxPool(p, DType.F32, domain, Layout.PLAIN, domain != Domain.NORMAL));
            }
            cases.add(maxPool(p, DType.F32, Domain.NORMAL, Layout.ROWS, true));
            for (Layout layout : IMAGES) {
                cases.add(maxPool(p, DType.F32, Domain.SOME_NAN, layout, false));
            }
        }
        return cases;
    }

    private static Case maxPool(Pool p, DType type, Domain domain, Layout layout, boolean indices) {
        List<Operand> out = indices
                ? List.of(Operand.out(type, p.y()).as(layout), Operand.out(DType.I64, p.y()).as(layout))
                : List.of(Operand.out(type, p.y()).as(layout));
        return new Case("max pooling " + windows(p), List.of(Operand.of(type, domain, p.x).as(layout)), out,
                Tolerance.EXACT, (k, in, o) -> k.pool().max(p.spec, in.getFirst(), o.getFirst(),
                        indices ? o.getLast() : null))
                .allowZeros();
    }

    private static List<Case> maxPoolGradient() {
        List<Case> cases = new ArrayList<>();
        for (Pool p : pools()) {
            int plane = p.x[2] * p.x[3];
            cases.add(new Case("max pooling gradient " + windows(p),
                    List.of(Operand.of(DType.I64, Domain.integers(0, plane), p.y()), Operand.f32(p.y())),
                    List.of(Operand.out(DType.F32, p.x)), Tolerance.terms(p.y()[2] * p.y()[3]),
                    (k, in, o) -> k.pool().maxGradient(p.spec, in.get(0), in.get(1), o.getFirst())).allowZeros());
        }
        return cases;
    }

    private static List<Case> averagePool(boolean gradient) {
        List<Case> cases = new ArrayList<>();
        for (Pool p : pools()) {
            for (boolean counting : new boolean[] {false, true}) {
                PoolSpec spec = new PoolSpec(p.spec.height(), p.spec.width(), counting);
                for (Layout layout : new Layout[] {Layout.PLAIN, Layout.ROWS}) {
                    cases.add(averagePool(new Pool(p.x, spec), DType.F32, layout, gradient));
                }
                for (Layout layout : gradient ? new Layout[0] : IMAGES) {
                    cases.add(averagePool(new Pool(p.x, spec), DType.F32, layout, false));
                    int[] wide = {p.x[0], p.x[1] + 16, p.x[2], p.x[3]};
                    cases.add(averagePool(new Pool(wide, spec), DType.F32, layout, false));
                }
            }
        }
        return cases;
    }

    private static Case averagePool(Pool p, DType type, Layout layout, boolean gradient) {
        int[] from = gradient ? p.y() : p.x;
        int[] to = gradient ? p.x : p.y();
        Case made = new Case("average pooling " + (gradient ? "gradient " : "") + windows(p),
                List.of(Operand.of(type, Domain.NORMAL, from).as(layout)), List.of(Operand.out(type, to).as(layout)),
                Tolerance.terms(25), (k, in, out) -> gradient
                        ? k.pool().averageGradient(p.spec, in.getFirst(), out.getFirst())
                        : k.pool().average(p.spec, in.getFirst(), out.getFirst()));
        return gradient ? made.allowZeros() : made;
    }

    private static String windows(Pool p) {
        return "kernel " + p.spec.height().size()[0] + "×" + p.spec.width().size()[0] + " dilation "
                + p.spec.height().dilation() + (p.spec.countPadding() ? " counting padding" : "");
    }

    private static final int[][] BATCHES = {{2, 1, 1}, {1, 3, 2}, {4, 3, 5}, {2, 16, 64}, {3, 17, 33}, {8, 5, 15},
        {64, 3, 1}, {1, 2, 1031}, {5, 4, 17}, {3, 0, 4}};

    private static List<Case> batchNorm() {
        List<Case> cases = new ArrayList<>();
        for (int[] b : BATCHES) {
            cases.add(batchNorm(b, DType.F32, Layout.PLAIN, Domain.NORMAL));
        }
        for (Layout layout : new Layout[] {Layout.SHIFTED, Layout.ROWS}) {
            cases.add(batchNorm(new int[] {4, 7, 33}, DType.F32, layout, Domain.NORMAL));
        }
        // The mean is far larger than the spread: E[x²] − E[x]² would be all noise.
        cases.add(batchNorm(new int[] {4, 3, 65}, DType.F32, Layout.PLAIN, Domain.uniform(1000, 1001)));
        cases.add(batchNorm(new int[] {4, 30, 5}, DType.F32, Layout.PLAIN, Domain.SOME_NAN));
        return cases;
    }

    private static Case batchNorm(int[] b, DType type, Layout layout, Domain domain) {
        // What a subtraction of the mean loses is relative to the numbers, not to their spread.
        double c = domain == Domain.SOME_NAN || domain == Domain.NORMAL ? 64 : 20_000;
        return new Case("batch normalisation",
                List.of(Operand.of(type, domain, b).as(layout), Operand.of(type, Domain.POSITIVE, b[1]),
                        Operand.of(type, Domain.NORMAL, b[1])),
                List.of(Operand.out(type, b).as(layout), Operand.out(type, b[1]), Operand.out(type, b[1])),
                Tolerance.ofLargest(c), (k, in, out) -> k.norm().batchNorm(in.get(0), in.get(1), in.get(2), 1e-5,
                        out.get(0), out.get(1), out.get(2)));
    }

    private static List<Case> batchNormGradient() {
        List<Case> cases = new ArrayList<>();
        for (int[] b : BATCHES) {
            cases.add(batchNormGradient(b, DType.F32, Layout.PLAIN));
        }
        for (Layout layout : new Layout[] {Layout.SHIFTED, Layout.ROWS}) {
            cases.add(batchNormGradient(new int[] {4, 7, 33}, DType.F32, layout));
        }
        return cases;
    }

    private static Case batchNormGradient(int[] b, DType type, Layout layout) {
        Operand x = Operand.of(type, Domain.NORMAL, b).as(layout);
        Operand channel = Operand.of(type, Domain.uniform(-0.2, 0.2), b[1]);
        return new Case("batch normalisation gradient",
                List.of(x, channel.with(Domain.POSITIVE), channel, channel.with(Domain.POSITIVE), x),
                List.of(Operand.out(type, b).as(layout), Operand.out(type, b[1]), Operand.out(type, b[1])),
                Tolerance.ofLargest(64 + 4 * Math.sqrt((double) b[0] * b[2])),
                (k, in, out) -> k.norm().batchNormGradient(in.get(0), in.get(1), in.get(2), in.get(3), 1e-5, in.get(4),
                        out.get(0), out.get(1), out.get(2)));
    }
}
