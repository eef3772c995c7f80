package dev.gatun.tests.health;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.tests.Epilogues;
import dev.gatun.tests.Links;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One bound call of every family and of every way a family has to compute, by name.
final class HealthWork {
    private final Kernels k;
    private final Map<String, Call> calls = new LinkedHashMap<>();

    private HealthWork(Kernels kernels) {
        k = kernels;
    }

    /// What runs together in one JVM.
    enum Family {
        GEMM(HealthWork::gemm), POINTWISE(HealthWork::pointwise), REDUCTIONS(HealthWork::reductions),
        CONVOLUTIONS(HealthWork::convolutions), LAYERS(HealthWork::layers), TRANSFORMERS(HealthWork::transformers),
        RECURRENT(HealthWork::recurrent), DATA(HealthWork::data);

        private final Consumer<HealthWork> work;

        Family(Consumer<HealthWork> work) {
            this.work = work;
        }

        Map<String, Call> calls(Kernels kernels) {
            HealthWork made = new HealthWork(kernels);
            work.accept(made);
            return made.calls;
        }
    }

    private static View f32(int... dims) {
        View v = of(DType.F32, dims);
        for (int i = 0; i < v.count(); i++) {
            v.setDouble(i, 0.25 + (i * 37 % 101) / 101.0);
        }
        return v;
    }

    private static View f64(int... dims) {
        View v = of(DType.F64, dims);
        for (int i = 0; i < v.count(); i++) {
            v.setDouble(i, 0.25 + (i * 37 % 101) / 101.0);
        }
        return v;
    }

    private static View of(DType type, int... dims) {
        return View.of(Arena.ofAuto().allocate(Math.max(1, View.count(dims)) * (long) type.bytes(), 64), 0, type, dims);
    }

    private static View index(int bound, int... dims) {
        View v = of(DType.I64, dims);
        for (int i = 0; i < v.count(); i++) {
            v.setLong(i, i * 7L % bound);
        }
        return v;
    }

    private void gemm() {
        calls.put("gemm square", k.gemm().gemm(1, f32(64, 64), f32(64, 64), 0, f32(64, 64), Epilogue.NONE));
        calls.put("gemm blocked", k.gemm().gemm(1, f32(130, 300), f32(300, 200), 0, f32(130, 200), Epilogue.NONE));
        calls.put("gemm accumulating", k.gemm().gemm(0.5, f32(33, 65), f32(65, 47), 1, f32(33, 47), Epilogue.NONE));
        calls.put("gemm transposed", k.gemm().gemm(1, f32(65, 33).permute(1, 0), f32(47, 65).permute(1, 0), 0,
                f32(33, 47), Epilogue.NONE));
        calls.put("gemm row", k.gemm().gemm(1, f32(1, 256), f32(256, 256), 0, f32(1, 256), Epilogue.NONE));
        calls.put("gemm column", k.gemm().gemm(1, f32(256, 256), f32(256, 1), 0, f32(256, 1), Epilogue.NONE));
        calls.put("gemm batched", k.gemm().gemm(1, f32(8, 16, 16), f32(8, 16, 16), 0, f32(8, 16, 16), Epilogue.NONE));
        for (int m : new int[] {1, 4, 33}) {
            View b = f32(128, 96);
            PackedMatrix packed = k.gemm().pack(b,
                    Arena.ofAuto().allocate(k.gemm().packedBytes(DType.F32, 128, 96), 64));
            Epilogue relu = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)),
                    List.of(f32(96).expand(m, 96)));
            calls.put("gemm packed, bias, relu, m " + m, k.gemm().gemm(1, f32(m, 128), packed, f32(m, 96), relu));
        }
        calls.put("gemm F64 square", k.gemm().gemm(1, f64(40, 40), f64(40, 40), 0, f64(40, 40), Epilogue.NONE));
        calls.put("gemm F64 blocked", k.gemm().gemm(1, f64(65, 300), f64(300, 70), 1, f64(65, 70), Epilogue.NONE));
        calls.put("gemm F64 row", k.gemm().gemm(1, f64(1, 128), f64(128, 128), 0, f64(1, 128), Epilogue.NONE));
        calls.put("gemm F64 column", k.gemm().gemm(1, f64(128, 128), f64(128, 1), 0, f64(128, 1), Epilogue.NONE));
        transformerProducts();
    }

    /// Sums of several blocks under an epilogue that is too much for the accumulators, with and without masked ends, one
    /// row and many: a pass over each tile.
    private void transformerProducts() {
        Expr biased = Expr.input(0).plus(Expr.input(1));
        Expr gelu = biased.times(biased.apply(UnaryFunction.NORMAL_CDF));
        for (int n : new int[] {128, 107}) {
            for (int m : new int[] {1, 32}) {
                View b = f32(600, n);
                PackedMatrix packed = k.gemm().pack(b,
                        Arena.ofAuto().allocate(k.gemm().packedBytes(DType.F32, 600, n), 64));
                calls.put("gemm packed, bias, gelu, " + m + " × " + n, k.gemm().gemm(1, f32(m, 600), packed,
                        f32(m, n), new Epilogue(gelu, List.of(f32(n).expand(m, n)))));
                calls.put("gemm packed, residual, " + m + " × " + n, k.gemm().gemm(1, f32(m, 600), packed, f32(m, n),
                        new Epilogue(biased, List.of(f32(m, n)))));
            }
            calls.put("gemm bias of rows, 40 × " + n, k.gemm().gemm(1, f32(40, 600), f32(600, n), 0, f32(40, n),
                    new Epilogue(gelu, List.of(f32(40, 1).expand(40, n)))));
        }
        calls.put("gemm, largest of many", k.gemm().gemm(1, f32(33, 128), f32(128, 107), 0, f32(33, 107),
                Epilogues.largest(f32(33, 107))));
        calls.put("gemm row, transposed", k.gemm().gemm(1, f32(1, 256), f32(96, 256).permute(1, 0), 0, f32(1, 96),
                Epilogue.NONE));
    }

    private void map(String name, Expr e, View out, View... in) {
        calls.put("map " + name, k.pointwise().map(List.of(e), List.of(in), List.of(out)));
    }

    private void pointwise() {
        Expr x = Expr.input(0);
        Expr y = Expr.input(1);
        for (UnaryFunction f : List.of(UnaryFunction.EXP, UnaryFunction.LOG, UnaryFunction.TANH, UnaryFunction.SIN,
                UnaryFunction.ROUND)) {
            map(f.name(), x.apply(f), f32(1000), f32(1000));
        }
        map("axpy", x.times(2).plus(y), f32(1000), f32(1000), f32(1000));
        map("gelu", x.times(x.apply(UnaryFunction.NORMAL_CDF)), f32(1000), f32(1000));
        map("pow", x.apply(BinaryFunction.POW, y), f32(1000), f32(1000), f32(1000));
        map("pow of negative numbers", x.negated().apply(BinaryFunction.POW, y), f32(1000), f32(1000), f32(1000));
        map("sin of large numbers", x.times(1e6).apply(UnaryFunction.SIN), f32(1000), f32(1000));
        map("cos of large numbers", x.times(1e6).apply(UnaryFunction.COS), f32(1000), f32(1000));
        map("remainder of large numbers", x.times(1e9).apply(BinaryFunction.REMAINDER, y), f32(1000), f32(1000),
                f32(1000));
        map("broadcast", x.times(y), f32(30, 33), f32(30, 33), f32(33).expand(30, 33));
        map("strided", x.plus(y), f32(30, 33), f32(33, 30).permute(1, 0), f32(30, 33));
        map("select", Expr.select(x.apply(BinaryFunction.GT, y), x, y.negated()), f32(1000), f32(1000), f32(1000));
        map("bytes to floats", x.times(1 / 255.0), f32(1000), of(DType.U8, 1000));
        map("comparison", x.apply(BinaryFunction.GT, y), of(DType.BOOL, 1000), f32(1000), f32(1000));
        map("F64", x.times(2).plus(y), f64(1000), f64(1000), f64(1000));
        map("F64 exp", x.apply(UnaryFunction.EXP), f64(500), f64(500));
        map("integers", x.plus(y), of(DType.I64, 1000), index(9, 1000), index(7, 1000));
        View p = f32(1000);
        View m = f32(1000);
        View v = f32(1000);
        Expr g = Expr.input(3);
        Expr newM = Expr.input(1).times(0.9).plus(g.times(0.1));
        Expr newV = Expr.input(2).times(0.999).plus(g.times(g).times(0.001));
        calls.put("map adam", k.pointwise().map(
                List.of(x.minus(newM.over(newV.apply(UnaryFunction.SQRT).plus(1e-8)).times(Expr.input(4))), newM, newV),
                List.of(p, m, v, f32(1000), f32().expand(1000)), List.of(p, m, v)));
        calls.put("map all", k.pointwise().mapAll(List.of(x.plus(y.times(0.5))),
                List.of(List.of(f32(100), f32(100)), List.of(f32(37), f32(37))),
                List.of(List.of(f32(100)), List.of(f32(37)))));
    }

    private void reductions() {
        Expr x = Expr.input(0);
        for (Reduction r : Reduction.values()) {
            calls.put("reduce rows " + r, k.reduce().reduce(r, x, List.of(f32(30, 200)), f32(30, 1)));
            calls.put("reduce columns " + r, k.reduce().reduce(r, x, List.of(f32(30, 200)), f32(1, 200)));
        }
        calls.put("reduce squares", k.reduce().reduce(Reduction.SUM, x.times(x), List.of(f32(5000)), f32(1)));
        calls.put("reduce F64 rows", k.reduce().reduce(Reduction.SUM, x, List.of(f64(30, 100)), f64(30, 1)));
        calls.put("reduce F64 columns", k.reduce().reduce(Reduction.SUM, x, List.of(f64(30, 100)), f64(1, 100)));
        calls.put("arg across", k.reduce().arg(false, f32(30, 100), of(DType.I64, 1, 100), 0));
        calls.put("cumsum across", k.reduce().cumsum(f32(30, 100), f32(30, 100), 0));
        calls.put("arg", k.reduce().arg(true, f32(30, 100), of(DType.I64, 30, 1), 1));
        calls.put("cumsum", k.reduce().cumsum(f32(30, 100), f32(30, 100), 1));
        calls.put("softmax", k.softmax().softmax(f32(20, 100), f32(20, 100), 1, false));
        calls.put("log-softmax", k.softmax().softmax(f32(20, 100), f32(20, 100), 1, true));
        calls.put("softmax across", k.softmax().softmax(f32(20, 100), f32(20, 100), 0, false));
        calls.put("log-softmax gradient", k.softmax().gradient(f32(20, 100), f32(20, 100), f32(20, 100), 1, true));
        calls.put("softmax gradient across", k.softmax().gradient(f32(20, 100), f32(20, 100), f32(20, 100), 0, false));
        calls.put("softmax gradient", k.softmax().gradient(f32(20, 100), f32(20, 100), f32(20, 100), 1, false));
    }

    private void conv(String name, ConvSpec spec, int[] x, int[] w) {
        int[] y = {x[0], w[0], spec.outHeight(x[2], w[2]), spec.outWidth(x[3], w[3])};
        View weights = f32(w);
        PackedFilter packed = k.conv().pack(spec, weights,
                Arena.ofAuto().allocate(k.conv().packedBytes(spec, weights), 64));
        Epilogue relu = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)),
                List.of(f32(w[0]).restride(0, y, new int[] {0, 1, 0, 0})));
        calls.put("conv " + name, k.conv().forward(spec, f32(x), weights, f32(y), Epilogue.NONE));
        calls.put("conv packed, bias, relu, " + name, k.conv().forward(spec, f32(x), packed, f32(y), relu));
        calls.put("conv data gradient " + name, k.conv().dataGradient(spec, f32(y), weights, f32(x)));
        calls.put("conv weight gradient " + name, k.conv().weightGradient(spec, f32(x), f32(y), f32(w)));
    }

    /// Packed and plain, on tiles of both sizes; the sums of 300 channels have two blocks.
    private void winograd(ConvAlgorithm algorithm, int channels) {
        ConvSpec spec = ConvSpec.of(1, 1, 1, 1);
        int[] y = {2, 24, 11, 9};
        View weights = f32(24, channels, 3, 3);
        PackedFilter packed = k.conv().pack(spec, weights, algorithm,
                Arena.ofAuto().allocate(k.conv().packedBytes(spec, weights, algorithm), 64));
        Epilogue relu = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)),
                List.of(f32(24).restride(0, y, new int[] {0, 1, 0, 0})));
        String name = "conv " + algorithm + " of " + channels;
        calls.put(name, k.conv().forward(spec, f32(2, channels, 11, 9), weights, f32(y), Epilogue.NONE, algorithm));
        calls.put(name + " packed", k.conv().forward(spec, f32(2, channels, 11, 9), packed, f32(y), relu));
    }

    /// Channels last, packed for `algorithm`, with bias and ReLU.
    private void channelsLast(String name, ConvSpec spec, ConvAlgorithm algorithm, int[] x, int[] w) {
        ImageLayout images = ImageLayout.CHANNELS_LAST;
        int[] y = {x[0], w[0], spec.outHeight(x[2], w[2]), spec.outWidth(x[3], w[3])};
        View weights = f32(w);
        PackedFilter packed = k.conv().pack(images, spec, weights, algorithm,
                Arena.ofAuto().allocate(k.conv().packedBytes(images, spec, weights, algorithm), 64));
        Epilogue relu = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)),
                List.of(f32(w[0]).restride(0, y, new int[] {0, 1, 0, 0})));
        calls.put("conv channels last, " + name, k.conv().forward(spec, last(x), packed, last(y), relu));
    }

    private static View last(int... dims) {
        return f32(dims).restride(0, dims, ImageLayout.CHANNELS_LAST.strides(dims));
    }

    private void channelsLast() {
        ConvSpec same = ConvSpec.of(1, 1, 1, 1);
        ConvAlgorithm direct = ConvAlgorithm.DIRECT;
        int[] filters = {32, 1, 3, 3};
        channelsLast("depthwise", ConvSpec.of(1, 1, 1, 32), direct, new int[] {1, 32, 12, 14}, filters);
        channelsLast("depthwise stride 2", ConvSpec.of(2, 1, 1, 32), direct, new int[] {1, 32, 17, 22}, filters);
        channelsLast("depthwise 5×5", ConvSpec.of(1, 2, 1, 32), direct, new int[] {1, 32, 12, 14},
                new int[] {32, 1, 5, 5});
        channelsLast("table of rows", ConvSpec.of(1, 0, 1, 1), direct, new int[] {1, 64, 12, 14},
                new int[] {96, 64, 1, 1});
        channelsLast("table of taps", same, direct, new int[] {1, 3, 12, 14}, new int[] {32, 3, 3, 3});
        for (ConvAlgorithm algorithm : List.of(ConvAlgorithm.WINOGRAD_2, ConvAlgorithm.WINOGRAD_4)) {
            channelsLast(algorithm.toString(), same, algorithm, new int[] {1, 32, 12, 14}, new int[] {32, 32, 3, 3});
        }
        chain("1×1, depthwise, 1×1", 8, 48, 33);
        chain("depthwise, 1×1", 0, 48, 33);
        PoolSpec pairs = new PoolSpec(Windows.fixed(16, 2, 2, 0, 1, false), Windows.fixed(16, 2, 2, 0, 1, false), true);
        calls.put("max pooling, channels last", k.pool().max(pairs, last(2, 32, 16, 16), last(2, 32, 8, 8), null));
        calls.put("average pooling, channels last", k.pool().average(pairs, last(2, 32, 16, 16), last(2, 32, 8, 8)));
    }

    /// One filter per channel for `c` channels and a 1×1 behind it, and one before where there are `from` channels.
    private void chain(String name, int from, int c, int to) {
        Epilogue relu = new Epilogue(Expr.input(0).max(Expr.constant(0)), List.of());
        List<ConvLink> links = new ArrayList<>();
        if (from > 0) {
            links.add(Links.packed(k, ConvSpec.of(1, 0, 1, 1), f32(c, from, 1, 1), relu));
        }
        links.add(Links.packed(k, ConvSpec.of(1, 1, 1, c), f32(c, 1, 3, 3), relu));
        links.add(Links.packed(k, ConvSpec.of(1, 0, 1, 1), f32(to, c, 1, 1), Epilogue.NONE));
        calls.put("conv chain " + name,
                k.conv().chain(last(1, from > 0 ? from : c, 15, 14), links, last(1, to, 15, 14)));
    }

    private void convolutions() {
        channelsLast();
        winograd(ConvAlgorithm.WINOGRAD_2, 32);
        winograd(ConvAlgorithm.WINOGRAD_4, 32);
        winograd(ConvAlgorithm.WINOGRAD_4, 300);
        ConvSpec same = ConvSpec.of(1, 1, 1, 1);
        for (Winograd allowed : Winograd.values()) {
            calls.put("conv data gradient, Winograd " + allowed, k.conv().with(allowed).dataGradient(same,
                    f32(1, 64, 16, 16), f32(64, 64, 3, 3), f32(1, 64, 16, 16)));
        }
        conv("3×3 stride 2", ConvSpec.of(2, 1, 1, 1), new int[] {1, 8, 17, 17}, new int[] {16, 8, 3, 3});
        conv("3×3 of two groups", ConvSpec.of(1, 1, 1, 2), new int[] {1, 16, 9, 9}, new int[] {32, 8, 3, 3});
        conv("3×3", ConvSpec.of(1, 1, 1, 1), new int[] {1, 8, 12, 12}, new int[] {16, 8, 3, 3});
        conv("3×3 of many images", ConvSpec.of(1, 1, 1, 1), new int[] {9, 20, 4, 4}, new int[] {24, 20, 3, 3});
        conv("1×1", ConvSpec.of(1, 0, 1, 1), new int[] {1, 16, 10, 10}, new int[] {24, 16, 1, 1});
        conv("depthwise", ConvSpec.of(1, 1, 1, 16), new int[] {1, 16, 12, 12}, new int[] {16, 1, 3, 3});
        conv("depthwise stride 2", ConvSpec.of(2, 1, 1, 16), new int[] {1, 16, 33, 40}, new int[] {16, 1, 3, 3});
        conv("depthwise 5×5", ConvSpec.of(1, 2, 1, 16), new int[] {1, 16, 20, 20}, new int[] {16, 1, 5, 5});
        conv("depthwise 7×7 stride 2", ConvSpec.of(2, 3, 1, 8), new int[] {1, 8, 20, 40}, new int[] {8, 1, 7, 7});
        conv("one dim, many short images", ConvSpec.of(1, 0, 1, 1), new int[] {32, 40, 1, 20},
                new int[] {36, 40, 1, 10});
        conv("one dim", ConvSpec.of(1, 0, 1, 1), new int[] {1, 3, 1, 60}, new int[] {20, 3, 1, 10});
    }

    private void layers() {
        PoolSpec pairs = new PoolSpec(Windows.fixed(16, 2, 2, 0, 1, false), Windows.fixed(16, 2, 2, 0, 1, false), true);
        View indices = of(DType.I64, 2, 4, 8, 8);
        calls.put("max pooling", k.pool().max(pairs, f32(2, 4, 16, 16), f32(2, 4, 8, 8), null));
        calls.put("max pooling with indices", k.pool().max(pairs, f32(2, 4, 16, 16), f32(2, 4, 8, 8), indices));
        calls.put("max pooling gradient", k.pool().maxGradient(pairs, indices, f32(2, 4, 8, 8), f32(2, 4, 16, 16)));
        calls.put("average pooling", k.pool().average(pairs, f32(2, 4, 16, 16), f32(2, 4, 8, 8)));
        calls.put("average pooling gradient", k.pool().averageGradient(pairs, f32(2, 4, 8, 8), f32(2, 4, 16, 16)));
        PoolSpec overlapping = new PoolSpec(Windows.fixed(16, 3, 2, 1, 1, false), Windows.fixed(16, 3, 2, 1, 1, false),
                true);
        PoolSpec global =
                new PoolSpec(Windows.fixed(16, 16, 1, 0, 1, false), Windows.fixed(16, 16, 1, 0, 1, false), true);
        calls.put("max pooling 3×3", k.pool().max(overlapping, f32(2, 4, 16, 16), f32(2, 4, 8, 8), null));
        calls.put("average pooling 3×3", k.pool().average(overlapping, f32(2, 4, 16, 16), f32(2, 4, 8, 8)));
        calls.put("average of planes", k.pool().average(global, f32(2, 4, 16, 16), f32(2, 4, 1, 1)));
        calls.put("average of planes, gradient", k.pool().averageGradient(global, f32(2, 4, 1, 1), f32(2, 4, 16, 16)));
        calls.put("batch norm of rows",
                k.norm().batchNorm(f32(40, 24, 1), f32(24), f32(24), 1e-5, f32(40, 24, 1), f32(24),
                        f32(24)));
        calls.put("batch norm of rows, gradient",
                k.norm().batchNormGradient(f32(40, 24, 1), f32(24), f32(24), f32(24), 1e-5,
                        f32(40, 24, 1), f32(40, 24, 1), f32(24), f32(24)));
        calls.put("batch norm", k.norm().batchNorm(f32(4, 8, 64), f32(8), f32(8), 1e-5, f32(4, 8, 64), f32(8), f32(8)));
        calls.put("batch norm gradient", k.norm().batchNormGradient(f32(4, 8, 64), f32(8), f32(8), f32(8), 1e-5,
                f32(4, 8, 64), f32(4, 8, 64), f32(8), f32(8)));
    }

    private void transformers() {
        View x = f32(40, 100);
        View q = f32(1, 2, 33, 16);
        View kv = f32(1, 1, 70, 16);
        View lse = f32(1, 2, 33);
        calls.put("attention", k.attention().forward(AttentionSpec.of(0.25, false), q, kv, kv, null, null,
                f32(1, 2, 33, 16), lse));
        calls.put("attention of one query",
                k.attention().forward(AttentionSpec.of(0.25, false), f32(1, 2, 1, 16), kv, kv,
                        null, null, f32(1, 2, 1, 16), f32(1, 2, 1)));
        calls.put("attention causal, masked", k.attention().forward(AttentionSpec.of(0.25, true), q, kv, kv,
                f32(33, 70).expand(1, 2, 33, 70), null, f32(1, 2, 33, 16), lse));
        calls.put("attention gradient", k.attention().gradient(AttentionSpec.of(0.25, false), q, kv, kv, null, null, q,
                lse, q, f32(1, 2, 33, 16), f32(1, 1, 70, 16), f32(1, 1, 70, 16)));
        calls.put("attention causal, gradient", k.attention().gradient(AttentionSpec.of(0.25, true), q, kv, kv, null,
                null, q, lse, q, f32(1, 2, 33, 16), f32(1, 1, 70, 16), f32(1, 1, 70, 16)));
        calls.put("attention of whole tiles", k.attention().forward(AttentionSpec.of(0.125, false), f32(1, 2, 64, 64),
                f32(1, 2, 128, 64), f32(1, 2, 128, 64), null, null, f32(1, 2, 64, 64), f32(1, 2, 64)));
        calls.put("layer norm without weights",
                k.norm().layerNorm(x, null, null, 1e-5, f32(40, 100), f32(40), f32(40)));
        calls.put("layer norm", k.norm().layerNorm(x, f32(100), f32(100), 1e-5, f32(40, 100), f32(40), f32(40)));
        calls.put("layer norm gradient", k.norm().layerNormGradient(x, f32(100), f32(40), f32(40), f32(40, 100),
                f32(40, 100), f32(100), f32(100)));
        calls.put("rms norm", k.norm().rmsNorm(x, f32(100), 1e-5, f32(40, 100), f32(40)));
        calls.put("rms norm gradient", k.norm().rmsNormGradient(x, f32(100), f32(40), f32(40, 100), f32(40, 100),
                f32(100)));
    }

    private void recurrent() {
        for (RecurrentCell cell : RecurrentCell.values()) {
            RecurrentSpec spec = new RecurrentSpec(cell, false);
            int rows = cell.gates() * 32;
            RecurrentWeights w = new RecurrentWeights(f32(rows, 24), f32(rows, 32), f32(rows), f32(rows));
            PackedRecurrent packed = k.recurrent().pack(spec, w,
                    Arena.ofAuto().allocate(k.recurrent().packedBytes(spec, w), 64));
            View x = f32(5, 6, 24);
            View kept = of(DType.F32, 5, 6, cell.keptWidth(32));
            calls.put(cell + " packed", k.recurrent().forward(spec, packed, x, null, null, f32(5, 6, 32), state(cell)));
            calls.put(cell + " keeping", k.recurrent().forward(spec, w, x, null, state(cell), f32(5, 6, 32),
                    state(cell), kept));
            RecurrentWeights gw = new RecurrentWeights(f32(rows, 24), f32(rows, 32), f32(rows), f32(rows));
            calls.put(cell + " backward", k.recurrent().backward(spec, w, x, null, kept, f32(5, 6, 32), state(cell),
                    f32(5, 6, 24), gw, state(cell)));
        }
    }

    private static RecurrentState state(RecurrentCell cell) {
        return new RecurrentState(f32(6, 32), cell.hasCellState() ? f32(6, 32) : null);
    }

    private void data() {
        calls.put("copy", k.copy().copy(f32(2000), f32(2000)));
        calls.put("copy transposed", k.copy().copy(f32(60, 40).permute(1, 0), f32(40, 60)));
        calls.put("copy of numbers", k.copy().copy(of(DType.I64, 30, 40).permute(1, 0), of(DType.I64, 40, 30)));
        calls.put("fill", k.copy().fill(f32(2000), 3));
        calls.put("gather", k.index().gather(f32(20, 30), index(20, 10, 30), f32(10, 30), 0));
        calls.put("scatter add", k.index().scatterAdd(f32(10, 30), index(20, 10, 30), f32(20, 30), 0));
        calls.put("index select", k.index().indexSelect(f32(50, 32), index(50, 20), f32(20, 32), 0));
        calls.put("index add", k.index().indexAdd(f32(20, 32), index(50, 20), f32(50, 32), 0));
        calls.put("index select of columns", k.index().indexSelect(f32(20, 50), index(50, 20), f32(20, 20), 1));
        calls.put("index add of columns", k.index().indexAdd(f32(20, 20), index(50, 20), f32(20, 50), 1));
        calls.put("gather of columns", k.index().gather(f32(20, 30), index(30, 20, 10), f32(20, 10), 1));
        calls.put("sort", k.index().sort(f32(10, 50), f32(10, 50), of(DType.I64, 10, 50), 1, false));
        calls.put("uniform", k.random().uniform(1, 0, f32(1000), 0, 1));
        calls.put("normal", k.random().normal(1, 0, f32(1000), 0, 1));
        calls.put("bernoulli", k.random().bernoulli(1, 0, f32(1000), 0.5, 2));
        calls.put("random integers", k.random().integers(1, 0, of(DType.I64, 1000), 0, 10));
    }
}
