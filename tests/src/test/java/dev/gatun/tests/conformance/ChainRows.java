package dev.gatun.tests.conformance;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.tests.Links;
import java.util.ArrayList;
import java.util.List;

/// Chains of convolutions: borders, steps, dilation and filters of the middle one, channels that are no whole vectors, long
/// sums, images cut into bands of equal and unequal height, with and without a 1×1 in front.
final class ChainRows {
    private ChainRows() {}

    /// Images `[n, from, h, w]`, `c` channels between, filters of kh × kw, `to` results; `from` 0 has no 1×1 in front.
    private record Shape(int n, int from, int h, int w, int c, int kh, int kw, int to, ConvSpec spec) {
        int[] x() {
            return new int[] {n, expands() ? from : c, h, w};
        }

        boolean expands() {
            return from > 0;
        }

        int[] middle() {
            return new int[] {n, c, spec.outHeight(h, kh), spec.outWidth(w, kw)};
        }

        int[] y() {
            int[] middle = middle();
            return new int[] {n, to, middle[2], middle[3]};
        }

        int terms() {
            return from + kh * kw + c;
        }
    }

    private static ConvSpec spec(int stride, int padding, int dilation, int c) {
        return ConvSpec.of(stride, padding, dilation, c);
    }

    private static final List<Shape> SHAPES = List.of(
            new Shape(1, 0, 7, 7, 16, 3, 3, 16, spec(1, 1, 1, 16)),
            new Shape(2, 0, 9, 11, 19, 3, 3, 7, spec(2, 1, 1, 19)),
            new Shape(1, 0, 30, 40, 32, 3, 3, 24, spec(1, 1, 1, 32)),
            new Shape(1, 0, 12, 10, 210, 3, 3, 33, spec(1, 1, 1, 210)),
            new Shape(3, 0, 8, 8, 17, 5, 5, 20, spec(1, 2, 1, 17)),
            new Shape(1, 0, 9, 9, 16, 3, 3, 5, spec(1, 2, 2, 16)),
            new Shape(1, 0, 6, 1, 18, 3, 1, 3, spec(1, 0, 1, 18)),
            new Shape(1, 8, 7, 7, 16, 3, 3, 16, spec(1, 1, 1, 16)),
            new Shape(2, 3, 9, 11, 19, 3, 3, 7, spec(2, 1, 1, 19)),
            new Shape(1, 16, 46, 40, 96, 3, 3, 24, spec(2, 1, 1, 96)),
            new Shape(1, 24, 29, 28, 144, 3, 3, 24, spec(1, 1, 1, 144)),
            new Shape(1, 7, 9, 9, 210, 3, 3, 33, spec(1, 1, 1, 210)),
            new Shape(2, 5, 8, 8, 17, 5, 5, 20, spec(1, 0, 1, 17)),
            new Shape(1, 6, 9, 9, 16, 3, 3, 5, spec(1, 2, 2, 16)),
            new Shape(1, 300, 5, 3, 20, 3, 3, 10, spec(1, 1, 1, 20)));

    static List<Row> rows() {
        List<Case> cases = new ArrayList<>();
        for (Shape s : SHAPES) {
            cases.add(chain(s, Layout.CHANNELS_LAST, false));
            cases.add(chain(s, Layout.CHANNELS_LAST, true));
        }
        return List.of(new Row("conv chain", List.of("ConvKernels.chain(View, List, View)"), cases));
    }

    /// Biases everywhere, ReLU6 between; the last adds its bias and, where `residual` is set, an image of its shape.
    private static Case chain(Shape s, Layout layout, boolean residual) {
        List<Operand> in = List.of(
                Operand.f32(s.x()).as(layout), Operand.f32(s.c, Math.max(1, s.from), 1, 1), Operand.f32(s.c),
                Operand.f32(s.c, 1, s.kh, s.kw), Operand.f32(s.c), Operand.f32(s.to, s.c, 1, 1), Operand.f32(s.to),
                Operand.f32(s.y()).as(layout));
        return new Case("conv chain " + s + (residual ? " residual" : ""), in,
                List.of(Operand.out(DType.F32, s.y()).as(layout)), Tolerance.terms(s.terms()),
                (kernels, x, y) -> bind(s, kernels, x, y.getFirst(), residual, true))
                .magnitude((kernels, x, y) -> bind(s, kernels, x, y.getFirst(), residual, false));
    }

    private static Call bind(
            Shape s, Kernels kernels, List<View> x, View y, boolean residual, boolean clamped) {
        Expr biased = Expr.input(0).plus(Expr.input(1));
        Expr inner = clamped ? biased.max(Expr.constant(0)).min(Expr.constant(6)) : biased;
        List<ConvLink> links = new ArrayList<>();
        int[] dims = s.x();
        if (s.expands()) {
            links.add(Links.packed(kernels, ConvSpec.of(1, 0, 1, 1), x.get(1),
                    new Epilogue(inner, List.of(bias(x.get(2), s.n, s.c, dims[2], dims[3])))));
        }
        int[] middle = s.middle();
        links.add(Links.packed(kernels, s.spec, x.get(3), new Epilogue(inner, List.of(bias(x.get(4), middle)))));
        View last = bias(x.get(6), s.y());
        links.add(Links.packed(kernels, ConvSpec.of(1, 0, 1, 1), x.get(5), residual
                ? new Epilogue(biased.plus(Expr.input(2)), List.of(last, x.get(7)))
                : new Epilogue(biased, List.of(last))));
        return kernels.conv().chain(x.getFirst(), links, y);
    }

    private static View bias(View b, int... dims) {
        return b.restride(0, dims, new int[] {0, 1, 0, 0});
    }
}
