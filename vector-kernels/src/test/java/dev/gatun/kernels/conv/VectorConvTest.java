package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Numbers.near;
import static dev.gatun.kernels.image.Numbers.random;
import static dev.gatun.kernels.image.Numbers.run;
import static dev.gatun.kernels.image.Numbers.same;
import static dev.gatun.kernels.image.Numbers.spaced;
import static dev.gatun.kernels.image.Numbers.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.check.ConvCheck;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorConvTest {
    private static final ConvKernels REFERENCE = Kernels.reference().conv();
    /// Small caches: blocks of sums and of columns end inside the small cases here.
    private static final CacheSizes SMALL = new CacheSizes(8 << 10, 64 << 10, -1);
    private static final MicroKernels COMPILED = new MicroKernels();

    record Case(String name, ConvSpec spec, int n, int c, int h, int w, int oc, int kh, int kw) {
        int oh() {
            return spec.outHeight(h, kh);
        }

        int ow() {
            return spec.outWidth(w, kw);
        }

        int perGroup() {
            return c / spec.groups();
        }

        double sum() {
            return (double) perGroup() * kh * kw;
        }
    }

    private static ConvSpec spec(int stride, int pad, int dilation, int groups) {
        return ConvSpec.of(stride, pad, dilation, groups);
    }

    static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.add(new Case("1×1", spec(1, 0, 1, 1), 2, 5, 7, 9, 6, 1, 1));
        all.add(new Case("1×1 wide", spec(1, 0, 1, 1), 1, 70, 14, 14, 33, 1, 1));
        all.add(new Case("1×1 stride 2", spec(2, 0, 1, 1), 2, 7, 9, 8, 5, 1, 1));
        all.add(new Case("1×1 padded", spec(1, 1, 1, 1), 2, 3, 5, 5, 4, 1, 1));
        all.add(new Case("3×3", spec(1, 1, 1, 1), 3, 4, 8, 8, 16, 3, 3));
        all.add(new Case("3×3 of one channel", spec(1, 1, 1, 1), 64, 1, 8, 8, 7, 3, 3));
        all.add(new Case("3×3 long sum", spec(1, 1, 1, 1), 1, 37, 14, 14, 11, 3, 3));
        all.add(new Case("3×3 of 4×4 images", spec(1, 1, 1, 1), 5, 3, 4, 4, 6, 3, 3));
        all.add(new Case("3×3 of 3×3 images", spec(1, 1, 1, 1), 2, 3, 3, 3, 6, 3, 3));
        all.add(new Case("3×3 of 2×1 images", spec(1, 1, 1, 1), 2, 3, 2, 1, 6, 3, 3));
        all.add(new Case("3×3 stride 2", spec(2, 1, 1, 1), 2, 5, 13, 17, 9, 3, 3));
        all.add(new Case("3×3 stride 2 even", spec(2, 1, 1, 1), 1, 4, 56, 56, 5, 3, 3));
        all.add(new Case("7×7 stride 2", spec(2, 3, 1, 1), 1, 3, 30, 41, 10, 7, 7));
        all.add(new Case("5×5 stride 3", spec(3, 2, 1, 1), 2, 2, 19, 23, 3, 5, 5));
        all.add(new Case("4×4 stride 4", spec(4, 0, 1, 1), 2, 3, 16, 16, 8, 4, 4));
        all.add(new Case("3×3 stride 5", spec(5, 0, 1, 1), 2, 3, 16, 13, 4, 3, 3));
        all.add(new Case("dilation 2", spec(1, 2, 2, 1), 2, 3, 11, 12, 5, 3, 3));
        all.add(new Case("dilation 3 stride 2", spec(2, 3, 3, 1), 2, 3, 15, 21, 5, 3, 3));
        all.add(new Case("dilation 2 stride 2", spec(2, 1, 2, 1), 1, 3, 15, 20, 5, 3, 2));
        all.add(new Case("valid", spec(1, 0, 1, 1), 2, 3, 9, 40, 5, 3, 3));
        all.add(new Case("wide rows", spec(1, 1, 1, 1), 1, 2, 3, 131, 3, 3, 3));
        all.add(new Case("padding beyond the filter", spec(1, 3, 1, 1), 1, 2, 4, 5, 3, 2, 2));
        all.add(new Case("padding beyond a vector", spec(1, 20, 1, 1), 1, 2, 4, 5, 3, 2, 2));
        all.add(new Case("asymmetric padding", new ConvSpec(1, 1, 2, 0, 1, 3, 1, 1, 1), 2, 3, 6, 7, 4, 3, 3));
        all.add(new Case("asymmetric everything", new ConvSpec(2, 3, 0, 1, 2, 0, 2, 1, 1), 2, 3, 12, 13, 4, 2, 3));
        all.add(new Case("3×1", spec(1, 0, 1, 1), 2, 3, 9, 10, 4, 3, 1));
        all.add(new Case("1×5", new ConvSpec(1, 1, 0, 2, 0, 2, 1, 1, 1), 2, 3, 9, 33, 4, 1, 5));
        all.add(new Case("groups 2", spec(1, 1, 1, 2), 2, 6, 8, 9, 10, 3, 3));
        all.add(new Case("groups 3 stride 2", spec(2, 1, 1, 3), 3, 6, 8, 9, 9, 3, 3));
        all.add(new Case("depthwise", spec(1, 1, 1, 13), 2, 13, 8, 8, 13, 3, 3));
        all.add(new Case("depthwise stride 2", spec(2, 1, 1, 5), 2, 5, 23, 37, 5, 3, 3));
        all.add(new Case("depthwise 5×5", spec(1, 2, 1, 3), 1, 3, 7, 29, 3, 5, 5));
        all.add(new Case("depthwise dilated", spec(1, 2, 2, 3), 2, 3, 17, 16, 3, 3, 3));
        all.add(new Case("depthwise times 2", spec(1, 1, 1, 3), 2, 3, 8, 18, 6, 3, 3));
        all.add(new Case("depthwise stride 3", spec(3, 1, 1, 3), 2, 3, 17, 16, 3, 3, 3));
        all.add(new Case("depthwise wide", spec(1, 1, 1, 2), 2, 2, 9, 300, 2, 3, 3));
        all.add(new Case("depthwise wide stride 2", spec(2, 1, 1, 2), 1, 2, 9, 301, 2, 3, 3));
        all.add(new Case("depthwise tall", spec(1, 1, 1, 2), 1, 2, 200, 17, 2, 3, 3));
        all.add(new Case("depthwise 5×5 stride 2", spec(2, 2, 1, 3), 2, 3, 33, 35, 3, 5, 5));
        all.add(new Case("depthwise 7×7", spec(1, 3, 1, 2), 1, 2, 7, 7, 2, 7, 7));
        all.add(new Case("depthwise 31×3", spec(1, 1, 1, 2), 1, 2, 40, 20, 2, 31, 3));
        all.add(new Case("depthwise 3×9", spec(1, 4, 1, 2), 1, 2, 12, 20, 2, 3, 9));
        all.add(new Case("depthwise of 2×2 images", spec(1, 1, 1, 3), 4, 3, 2, 2, 3, 3, 3));
        all.add(new Case("depthwise of 1×1 images", spec(1, 1, 1, 3), 4, 3, 1, 1, 3, 3, 3));
        all.add(new Case("depthwise of one row", spec(1, 1, 1, 3), 2, 3, 1, 40, 3, 3, 3));
        all.add(new Case("depthwise of one column", spec(1, 1, 1, 3), 2, 3, 40, 1, 3, 3, 3));
        all.add(new Case("depthwise valid", spec(1, 0, 1, 3), 2, 3, 20, 35, 3, 3, 3));
        all.add(new Case("depthwise padded beyond a vector", spec(1, 20, 1, 2), 1, 2, 4, 5, 2, 2, 2));
        all.add(new Case("depthwise padded beyond the filter, stride 2", spec(2, 35, 1, 2), 1, 2, 4, 5, 2, 3, 3));
        all.add(new Case("depthwise asymmetric", new ConvSpec(2, 2, 0, 0, 1, 1, 1, 1, 3), 2, 3, 14, 28, 3, 3, 3));
        all.add(new Case("depthwise steps 1 and 2", new ConvSpec(1, 2, 1, 1, 1, 1, 1, 1, 3), 2, 3, 14, 28, 3, 3, 3));
        all.add(new Case("depthwise steps 2 and 1", new ConvSpec(2, 1, 1, 1, 1, 1, 1, 1, 3), 2, 3, 14, 28, 3, 3, 3));
        all.add(new Case("depthwise steps 3 and 1", new ConvSpec(3, 1, 1, 1, 1, 1, 1, 1, 3), 2, 3, 14, 28, 3, 3, 3));
        all.add(new Case("depthwise dilated across", new ConvSpec(1, 2, 1, 3, 1, 3, 1, 3, 2), 2, 2, 14, 28, 2, 3, 3));
        all.add(new Case("depthwise dilated by 5", spec(1, 5, 5, 2), 1, 2, 18, 33, 2, 3, 3));
        all.add(new Case("depthwise dilated stride 2", spec(2, 2, 2, 2), 1, 2, 18, 33, 2, 3, 3));
        all.add(new Case("depthwise times 4", spec(1, 1, 1, 3), 2, 3, 18, 18, 12, 3, 3));
        all.add(new Case("depthwise times 5", spec(1, 1, 1, 3), 2, 3, 18, 18, 15, 3, 3));
        all.add(new Case("depthwise 1×1", spec(1, 0, 1, 3), 2, 3, 18, 18, 3, 1, 1));
        all.add(new Case("depthwise 1-D", new ConvSpec(1, 1, 0, 15, 0, 15, 1, 1, 3), 2, 3, 1, 200, 3, 1, 31));
        all.add(new Case("depthwise without images", spec(1, 1, 1, 3), 0, 3, 9, 9, 3, 3, 3));
        all.add(new Case("groups of two", spec(1, 1, 1, 3), 2, 6, 18, 18, 6, 3, 3));
        all.add(new Case("1-D", new ConvSpec(1, 1, 0, 1, 0, 1, 1, 1, 1), 3, 3, 1, 80, 8, 1, 3));
        all.add(new Case("1-D long", new ConvSpec(1, 1, 0, 2, 0, 2, 1, 1, 1), 1, 2, 1, 3001, 3, 1, 5));
        all.add(new Case("1-D valid", new ConvSpec(1, 1, 0, 0, 0, 0, 1, 1, 1), 2, 3, 1, 50, 4, 1, 7));
        all.add(new Case("1-D stride 2", new ConvSpec(1, 2, 0, 3, 0, 3, 1, 1, 1), 2, 3, 1, 1201, 4, 1, 7));
        all.add(new Case("1-D dilated", new ConvSpec(1, 1, 0, 8, 0, 0, 1, 4, 1), 2, 3, 1, 70, 4, 1, 3));
        all.add(new Case("no images", spec(1, 1, 1, 1), 0, 3, 5, 5, 4, 3, 3));
        all.add(new Case("no channels", spec(1, 1, 1, 1), 2, 0, 5, 5, 4, 3, 3));
        all.add(new Case("no outputs", spec(1, 1, 1, 1), 2, 3, 5, 5, 0, 3, 3));
        all.add(new Case("one of everything", spec(1, 0, 1, 1), 1, 1, 1, 1, 1, 1, 1));
        all.add(new Case("prime", spec(1, 1, 1, 1), 3, 7, 11, 13, 17, 3, 3));
        return all;
    }

    private static double bound(Case c) {
        return 1e-6 * Math.max(4, c.sum());
    }

    @Test
    void forwardLikeTheReference() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
            for (Case c : cases()) {
                View x = spaced(random(1, c.n, c.c, c.h, c.w));
                View w = random(2, c.oc, c.perGroup(), c.kh, c.kw);
                View y = spaced(random(3, c.n, c.oc, c.oh(), c.ow()));
                View expected = zeros(DType.F32, c.n, c.oc, c.oh(), c.ow());
                run(REFERENCE.forward(c.spec, x, w, expected, Epilogue.NONE));
                run(conv.forward(c.spec, x, w, y, Epilogue.NONE));
                near(c.toString(), y, expected, bound(c));
                View before = View.of(Arena.ofAuto().allocate(Math.max(64, conv.packedBytes(c.spec, w)), 64), 0,
                        DType.F32, 1);
                PackedFilter packed = conv.pack(c.spec, w, before.segment());
                View again = random(4, c.n, c.oc, c.oh(), c.ow());
                run(conv.forward(c.spec, x, packed, again, Epilogue.NONE));
                same(c + " packed", again, y);
                View apart = spaced(w);
                run(conv.forward(c.spec, x, apart, again, Epilogue.NONE));
                same(c + " weights apart", again, y);
            }
        }
    }

    @Test
    void epiloguesLikeTheReference() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
            Expr relu = Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0));
            Expr residual = Expr.input(0).plus(Expr.input(1)).plus(Expr.input(2)).max(Expr.constant(0));
            for (Case c : cases()) {
                if (c.oc == 0) {
                    continue;
                }
                int[] dims = {c.n, c.oc, c.oh(), c.ow()};
                View x = random(1, c.n, c.c, c.h, c.w);
                View w = random(2, c.oc, c.perGroup(), c.kh, c.kw);
                View bias = random(5, c.oc).restride(0, dims, new int[] {0, 1, 0, 0});
                View full = spaced(random(6, dims));
                View columns = random(7, Math.max(1, c.ow())).restride(0, dims, new int[] {0, 0, 0, 1});
                epilogue(c, conv, x, w, new Epilogue(relu, List.of(bias)));
                epilogue(c, conv, x, w, new Epilogue(residual, List.of(bias, full)));
                epilogue(c, conv, x, w, new Epilogue(residual, List.of(columns, bias)));
                epilogue(c, conv, x, w, new Epilogue(Expr.input(0).apply(UnaryFunction.SIGMOID), List.of()));
                View y = random(8, dims);
                View expected = random(8, dims);
                run(REFERENCE.forward(c.spec, x, w, expected, new Epilogue(relu, List.of(expected))));
                run(conv.forward(c.spec, x, w, y, new Epilogue(relu, List.of(y))));
                near(c + " onto itself", y, expected, bound(c));
            }
        }
    }

    private static void epilogue(Case c, ConvKernels conv, View x, View w, Epilogue epilogue) {
        View y = random(3, c.n, c.oc, c.oh(), c.ow());
        View expected = zeros(DType.F32, c.n, c.oc, c.oh(), c.ow());
        run(REFERENCE.forward(c.spec, x, w, expected, epilogue));
        run(conv.forward(c.spec, x, w, y, epilogue));
        near(c + " " + epilogue.expr(), y, expected, bound(c));
    }

    @Test
    void dataGradientLikeTheReference() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
            for (Case c : cases()) {
                View w = spaced(random(2, c.oc, c.perGroup(), c.kh, c.kw));
                View gy = spaced(random(3, c.n, c.oc, c.oh(), c.ow()));
                View gx = spaced(random(4, c.n, c.c, c.h, c.w));
                View expected = zeros(DType.F32, c.n, c.c, c.h, c.w);
                run(REFERENCE.dataGradient(c.spec, gy, w, expected));
                run(conv.dataGradient(c.spec, gy, w, gx));
                near(c.toString(), gx, expected, 1e-6 * Math.max(4, (double) c.oc * c.kh * c.kw));
            }
        }
    }

    @Test
    void weightGradientLikeTheReference() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
            for (Case c : cases()) {
                View x = spaced(random(1, c.n, c.c, c.h, c.w));
                View gy = spaced(random(3, c.n, c.oc, c.oh(), c.ow()));
                View gw = spaced(random(4, c.oc, c.perGroup(), c.kh, c.kw));
                View expected = zeros(DType.F32, c.oc, c.perGroup(), c.kh, c.kw);
                run(REFERENCE.weightGradient(c.spec, x, gy, expected));
                run(conv.weightGradient(c.spec, x, gy, gw));
                near(c.toString(), gw, expected, 1e-6 * Math.max(4, (double) c.n * c.oh() * c.ow()));
            }
        }
    }

    @Test
    void manySmallImagesAreOneProduct() {
        ConvSpec spec = ConvSpec.of(1, 0, 1, 1);
        View w = random(2, 36, 40, 1, 10);
        List<View> results = new ArrayList<>();
        for (int count : new int[] {1, 3}) {
            try (Threads threads = Threads.of(count)) {
                ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
                View x = random(1, 32, 40, 1, 20);
                View y = zeros(DType.F32, 32, 36, 1, 11);
                Call forward = conv.forward(spec, x, w, y, Epilogue.NONE);
                assertThat(forward.kernel()).isEqualTo("MergedProduct");
                run(forward);
                results.add(y);
                View one = zeros(DType.F32, 1, 36, 1, 11);
                assertThat(conv.forward(spec, random(1, 1, 40, 1, 20), w, one, Epilogue.NONE).kernel())
                        .isEqualTo("ConvProduct");
            }
        }
        same("threads", results.get(0), results.get(1));
    }

    @Test
    void sameBitsOnAnyNumberOfThreads() {
        List<View> first = new ArrayList<>();
        for (int count : new int[] {1, 2, 3, 7}) {
            try (Threads threads = Threads.of(count)) {
                ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.OFF);
                int at = 0;
                for (Case c : cases()) {
                    View x = random(1, c.n, c.c, c.h, c.w);
                    View w = random(2, c.oc, c.perGroup(), c.kh, c.kw);
                    View gy = random(3, c.n, c.oc, c.oh(), c.ow());
                    View y = zeros(DType.F32, gy.dims());
                    View gx = zeros(DType.F32, x.dims());
                    View gw = zeros(DType.F32, w.dims());
                    run(conv.forward(c.spec, x, w, y, Epilogue.NONE));
                    run(conv.dataGradient(c.spec, gy, w, gx));
                    run(conv.weightGradient(c.spec, x, gy, gw));
                    for (View v : List.of(y, gx, gw)) {
                        if (count == 1) {
                            first.add(v);
                        } else {
                            same(c + " on " + count + " threads", v, first.get(at++));
                        }
                    }
                }
            }
        }
        assertThat(first).hasSize(3 * cases().size());
    }

    private static boolean isWinograd(Case c) {
        return c.n > 0 && ConvCheck.isWinograd(c.spec, new int[] {c.oc, c.perGroup(), c.kh, c.kw});
    }

    /// Blocks of a few tiles and of all, alone or shared by the workers: the same bits, packed or not.
    @Test
    void winogradLikeTheReferenceWithTheSameBitsHoweverCut() {
        List<ConvAlgorithm> tiles = List.of(ConvAlgorithm.WINOGRAD_2, ConvAlgorithm.WINOGRAD_4);
        int compared = 0;
        for (Case c : cases()) {
            if (!isWinograd(c)) {
                continue;
            }
            View x = spaced(random(1, c.n, c.c, c.h, c.w));
            View w = random(2, c.oc, c.perGroup(), c.kh, c.kw);
            View expected = zeros(DType.F32, c.n, c.oc, c.oh(), c.ow());
            run(REFERENCE.forward(c.spec, x, w, expected, Epilogue.NONE));
            for (ConvAlgorithm algorithm : tiles) {
                View first = zeros(DType.F32, expected.dims());
                for (int threads : new int[] {1, 2, 5}) {
                    for (CacheSizes caches : List.of(CacheSizes.UNKNOWN, SMALL)) {
                        try (Threads pool = Threads.of(threads)) {
                            ConvKernels conv = new VectorConv(pool, caches, COMPILED, Winograd.OFF);
                            View y = spaced(random(3, expected.dims()));
                            run(conv.forward(c.spec, x, spaced(w), y, Epilogue.NONE, algorithm));
                            if (compared++ % 6 == 0) {
                                near(c + " " + algorithm, y, expected, 4 * bound(c));
                                run(conv.forward(c.spec, x, w, first, Epilogue.NONE, algorithm));
                            }
                            same(c + " " + algorithm + " " + threads, y, first);
                            long bytes = conv.packedBytes(c.spec, w, algorithm);
                            PackedFilter packed =
                                    conv.pack(c.spec, w, algorithm, Arena.ofAuto().allocate(bytes, 64));
                            View again = random(4, expected.dims());
                            run(conv.forward(c.spec, x, packed, again, Epilogue.NONE));
                            same(c + " " + algorithm + " packed", again, first);
                        }
                    }
                }
            }
        }
        assertThat(compared).isGreaterThan(100);
    }

    @Test
    void choiceOfAlgorithms() {
        int[] x = {1, 64, 56, 56};
        int[] w = {64, 64, 3, 3};
        try (Threads threads = Threads.of(1)) {
            ConvKernels off = new VectorConv(threads, CacheSizes.UNKNOWN, COMPILED, Winograd.OFF);
            ConvSpec spec = spec(1, 1, 1, 1);
            assertThat(off.algorithms(spec, x, w, true)).containsExactly(ConvAlgorithm.DIRECT);
            assertThat(off.with(Winograd.F2).algorithms(spec, x, w, true))
                    .containsExactly(ConvAlgorithm.WINOGRAD_2, ConvAlgorithm.DIRECT);
            assertThat(off.with(Winograd.F4).algorithms(spec, x, w, true))
                    .containsExactly(
                            ConvAlgorithm.WINOGRAD_4, ConvAlgorithm.WINOGRAD_2, ConvAlgorithm.DIRECT);
            assertThat(off.with(Winograd.F4).algorithms(spec(2, 1, 1, 1), x, w, true))
                    .containsExactly(ConvAlgorithm.DIRECT);
            assertThat(off.with(Winograd.F4).algorithms(spec, x, new int[] {64, 64, 1, 1}, true))
                    .containsExactly(ConvAlgorithm.DIRECT);
        }
    }

    /// The data gradient of a 3×3 filter is one too, with its taps in reverse.
    @Test
    void dataGradientByTiles() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, CacheSizes.UNKNOWN, COMPILED, Winograd.F4);
            for (int pad : new int[] {0, 1, 2}) {
                ConvSpec spec = spec(1, pad, 1, 1);
                View w = random(2, 32, 40, 3, 3);
                View gy = random(3, 2, 32, 18 + 2 * pad, 21 + 2 * pad);
                View gx = zeros(DType.F32, 2, 40, 20, 23);
                View expected = zeros(DType.F32, gx.dims());
                run(REFERENCE.dataGradient(spec, gy, w, expected));
                run(conv.dataGradient(spec, gy, w, gx));
                near("padding " + pad, gx, expected, 1e-6 * 32 * 9 * 4);
            }
        }
    }

    /// An image's result does not depend on what else is in the batch.
    @Test
    void sameBitsInAnyBatch() {
        try (Threads threads = Threads.of(2)) {
            ConvKernels conv = new VectorConv(threads, CacheSizes.UNKNOWN, COMPILED, Winograd.OFF);
            for (Case c : cases()) {
                if (c.n < 2) {
                    continue;
                }
                View x = random(1, c.n, c.c, c.h, c.w);
                View w = random(2, c.oc, c.perGroup(), c.kh, c.kw);
                View y = zeros(DType.F32, c.n, c.oc, c.oh(), c.ow());
                View one = zeros(DType.F32, 1, c.oc, c.oh(), c.ow());
                run(conv.forward(c.spec, x, w, y, Epilogue.NONE));
                View last = x.restride((c.n - 1) * x.stride(0), new int[] {1, c.c, c.h, c.w}, x.strides());
                run(conv.forward(c.spec, last, w, one, Epilogue.NONE));
                same(c.toString(), one, y.restride((c.n - 1) * y.stride(0), one.dims(), y.strides()));
            }
        }
    }

    @Test
    void badInput() {
        try (Threads threads = Threads.of(1)) {
            ConvKernels conv = new VectorConv(threads, CacheSizes.UNKNOWN, COMPILED, Winograd.OFF);
            View x = zeros(DType.F64, 1, 1, 4, 4);
            View w = zeros(DType.F64, 1, 1, 3, 3);
            View y = zeros(DType.F64, 1, 1, 2, 2);
            assertThatThrownBy(() -> conv.forward(spec(1, 0, 1, 1), x, w, y, Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("conv: the vector kernels compute F32: F64[1, 1, 4, 4]; use Kernels.reference()");
        }
    }
}
