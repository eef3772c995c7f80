package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Numbers.last;
import static dev.gatun.kernels.image.Numbers.near;
import static dev.gatun.kernels.image.Numbers.random;
import static dev.gatun.kernels.image.Numbers.run;
import static dev.gatun.kernels.image.Numbers.same;
import static dev.gatun.kernels.image.Numbers.spaced;
import static dev.gatun.kernels.image.Numbers.zeros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.conv.VectorConvTest.Case;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Convolutions of images that lie channels last, against the reference on planes.
class ChannelsLastConvTest {
    private static final ConvKernels REFERENCE = Kernels.reference().conv();
    private static final CacheSizes SMALL = new CacheSizes(8 << 10, 64 << 10, -1);
    private static final MicroKernels COMPILED = new MicroKernels();

    private static PackedFilter pack(ConvKernels conv, ConvSpec spec, View w, ConvAlgorithm algorithm) {
        ImageLayout images = ImageLayout.CHANNELS_LAST;
        long bytes = conv.packedBytes(images, spec, w, algorithm);
        return conv.pack(images, spec, w, algorithm, Arena.ofAuto().allocate(bytes, 64));
    }

    private static List<Case> cases() {
        List<Case> all = VectorConvTest.cases();
        all.add(new Case("7×7 of 3 channels", ConvSpec.of(2, 3, 1, 1), 2, 3, 37, 41, 64, 7, 7));
        all.add(new Case("3×3 of 16", ConvSpec.of(1, 1, 1, 1), 2, 16, 14, 14, 32, 3, 3));
        all.add(new Case("3×3 of 64, few pixels", ConvSpec.of(1, 1, 1, 1), 1, 64, 7, 7, 80, 3, 3));
        all.add(new Case("3×3 of 48, step 2", ConvSpec.of(2, 1, 1, 1), 2, 48, 15, 14, 33, 3, 3));
        all.add(new Case("3×3 of 300", ConvSpec.of(1, 1, 1, 1), 1, 304, 9, 9, 16, 3, 3));
        all.add(new Case("depthwise of 20", ConvSpec.of(1, 1, 1, 20), 2, 20, 15, 9, 20, 3, 3));
        all.add(new Case("depthwise of 32, step 2", ConvSpec.of(2, 1, 1, 32), 3, 32, 15, 9, 32, 3, 3));
        all.add(new Case("depthwise of 33, 7×7", ConvSpec.of(1, 1, 1, 33), 2, 33, 7, 7, 33, 3, 3));
        all.add(new Case("depthwise of 48, wide", ConvSpec.of(1, 1, 1, 48), 1, 48, 5, 40, 48, 3, 3));
        all.add(new Case("depthwise of 16, padded far", ConvSpec.of(2, 4, 1, 16), 2, 16, 12, 13, 16, 3, 3));
        all.add(new Case("depthwise of 17, dilated", ConvSpec.of(1, 4, 2, 17), 1, 17, 15, 13, 17, 5, 5));
        all.add(new Case("1-D of many", new ConvSpec(1, 1, 0, 0, 0, 0, 1, 1, 1), 1, 40, 1, 11, 33, 1, 10));
        return all;
    }

    @Test
    void likeTheReference() {
        int computed = 0;
        int fast = 0;
        for (int count : new int[] {1, 3}) {
            try (Threads threads = Threads.of(count)) {
                ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.F4);
                for (Case c : cases()) {
                    int[] x = {c.n(), c.c(), c.h(), c.w()};
                    int[] w = {c.oc(), c.perGroup(), c.kh(), c.kw()};
                    for (ConvAlgorithm algorithm : conv.algorithms(ImageLayout.CHANNELS_LAST, c.spec(), x, w)) {
                        compare(conv, c, algorithm);
                        computed++;
                        fast += algorithm == ConvAlgorithm.DIRECT ? 0 : 1;
                    }
                }
            }
        }
        assertThat(computed).isGreaterThan(100);
        assertThat(fast).isGreaterThan(8);
    }

    private static void compare(ConvKernels conv, Case c, ConvAlgorithm algorithm) {
        String name = c.name() + ", " + algorithm;
        View x = random(1, c.n(), c.c(), c.h(), c.w());
        View w = random(2, c.oc(), c.perGroup(), c.kh(), c.kw());
        View bias = random(3, c.oc());
        View residual = random(4, c.n(), c.oc(), c.oh(), c.ow());
        int[] y = residual.dims();
        View along = bias.restride(0, y, new int[] {0, 1, 0, 0});
        Expr sum = Expr.input(0).plus(Expr.input(1));
        Epilogue biased = new Epilogue(sum.max(Expr.constant(0)), List.of(along));
        Epilogue both = new Epilogue(sum.plus(Expr.input(2)), List.of(along, residual));
        Epilogue bothLast = new Epilogue(sum.plus(Expr.input(2)), List.of(along, last(residual, 0)));
        PackedFilter packed = pack(conv, c.spec(), w, algorithm);
        double tolerance = 1e-6 * Math.max(4, c.sum()) * (algorithm == ConvAlgorithm.WINOGRAD_4 ? 10 : 1);
        View expected = zeros(DType.F32, y);
        run(REFERENCE.forward(c.spec(), x, w, expected, Epilogue.NONE));
        for (int gap : new int[] {0, 3}) {
            View out = last(random(5, y), gap);
            run(conv.forward(c.spec(), last(x, gap), packed, out, Epilogue.NONE));
            near(name, out, expected, tolerance);
        }
        run(REFERENCE.forward(c.spec(), x, w, expected, biased));
        View out = last(random(5, y), 0);
        run(conv.forward(c.spec(), last(x, 0), packed, out, biased));
        near(name + ", bias and relu", out, expected, tolerance);
        run(REFERENCE.forward(c.spec(), x, w, expected, both));
        run(conv.forward(c.spec(), last(x, 0), packed, out, bothLast));
        near(name + ", bias and residual", out, expected, tolerance);
        if (c.spec().groups() == 1) {
            View fromPlanes = last(random(5, y), 0);
            run(conv.forward(c.spec(), spaced(x), packed, fromPlanes, bothLast));
            same(name + ", images in planes", fromPlanes, out);
        }
        View elsewhere = last(random(5, y), 0);
        run(conv.forward(c.spec(), last(x, 0), packed, elsewhere, both));
        same(name + ", residual in planes", elsewhere, out);
        View own = last(residual, 0);
        run(conv.forward(c.spec(), last(x, 0), packed, own,
                new Epilogue(sum.plus(Expr.input(2)), List.of(along, own))));
        same(name + ", residual is the result", own, out);
    }

    @Test
    void bitsDoNotDependOnThreadsOrBatch() {
        for (Case c : cases()) {
            View x = random(1, c.n(), c.c(), c.h(), c.w());
            View w = random(2, c.oc(), c.perGroup(), c.kh(), c.kw());
            View first = last(zeros(DType.F32, c.n(), c.oc(), c.oh(), c.ow()), 0);
            for (int count : new int[] {1, 2, 3, 7}) {
                try (Threads threads = Threads.of(count)) {
                    ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.F4);
                    if (conv.algorithms(ImageLayout.CHANNELS_LAST, c.spec(), x.dims(), w.dims()).isEmpty()) {
                        continue;
                    }
                    PackedFilter packed = pack(conv, c.spec(), w, ConvAlgorithm.DIRECT);
                    View y = count == 1 ? first : last(zeros(DType.F32, first.dims()), 0);
                    run(conv.forward(c.spec(), last(x, 0), packed, y, Epilogue.NONE));
                    same(c.name() + " on " + count, y, first);
                    for (int n = 0; n < c.n(); n++) {
                        View one = last(zeros(DType.F32, 1, c.oc(), c.oh(), c.ow()), 0);
                        run(conv.forward(c.spec(), last(image(x, n), 0), packed, one, Epilogue.NONE));
                        same(c.name() + ", image " + n, one, image(first, n));
                    }
                }
            }
        }
    }

    private static View image(View v, int n) {
        return v.restride(n * v.stride(0), new int[] {1, v.dim(1), v.dim(2), v.dim(3)}, v.strides());
    }

    @Test
    void otherLayoutsAreRefused() {
        try (Threads threads = Threads.of(1)) {
            ConvKernels conv = new VectorConv(threads, SMALL, COMPILED, Winograd.F4);
            ConvSpec spec = ConvSpec.of(1, 1, 1, 1);
            PackedFilter packed = pack(conv, spec, random(1, 16, 16, 3, 3), ConvAlgorithm.DIRECT);
            View x = random(1, 1, 16, 4, 5);
            assertThatThrownBy(() -> conv.forward(spec, last(x, 0), packed, random(2, 1, 16, 4, 5), Epilogue.NONE))
                    .hasMessageContaining(
                            "conv: y must lie channels last, as the weights are packed for: F32[1, 16, 4, 5]");
            assertThatThrownBy(() -> conv.packedBytes(
                    ImageLayout.CHANNELS_LAST, ConvSpec.of(1, 1, 1, 2), random(1, 4, 2, 3, 3), ConvAlgorithm.DIRECT))
                    .hasMessageContaining("conv: channels last takes one group, or one filter for each of at least");
        }
    }
}
