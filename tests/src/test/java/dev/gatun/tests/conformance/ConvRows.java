package dev.gatun.tests.conformance;

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
import dev.gatun.kernels.expr.Expr;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Convolutions: every way of choosing an algorithm (1×1, general, strided, dilated, grouped, depthwise, 1-D, large
/// filters), each forward and backward. The fast ones compute F32 only; what
/// the reference makes of F64 is held against differences by [GradientTest].
final class ConvRows {
    private ConvRows() {
    }

    /// Sizes of one convolution: batch, channels, image, output channels, filter, and the rest.
    private record Shape(int n, int c, int h, int w, int oc, int kh, int kw, ConvSpec spec) {
        int[] x() {
            return new int[] {n, c, h, w};
        }

        int[] weights() {
            return new int[] {oc, c / spec.groups(), kh, kw};
        }

        int[] y() {
            return new int[] {n, oc, spec.outHeight(h, kh), spec.outWidth(w, kw)};
        }

        int terms() {
            return c / spec.groups() * kh * kw;
        }
    }

    private static Shape s(int n, int c, int h, int w, int oc, int kh, int kw, ConvSpec spec) {
        return new Shape(n, c, h, w, oc, kh, kw, spec);
    }

    private static final List<Shape> SHAPES = List.of(
            // 1×1
            s(1, 1, 1, 1, 1, 1, 1, ConvSpec.of(1, 0, 1, 1)), s(2, 17, 7, 9, 33, 1, 1, ConvSpec.of(1, 0, 1, 1)),
            s(1, 64, 14, 14, 65, 1, 1, ConvSpec.of(1, 0, 1, 1)), s(3, 8, 9, 7, 16, 1, 1, ConvSpec.of(2, 0, 1, 1)),
            s(1, 5, 6, 6, 7, 1, 1, ConvSpec.of(1, 1, 1, 1)),
            // 3×3
            s(1, 1, 8, 8, 16, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(2, 16, 8, 8, 32, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(1, 3, 17, 31, 5, 3, 3, ConvSpec.of(1, 0, 1, 1)), s(2, 32, 15, 16, 17, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(1, 67, 9, 33, 31, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(2, 13, 16, 15, 11, 3, 3, ConvSpec.of(2, 1, 1, 1)),
            s(1, 4, 13, 13, 6, 3, 3, ConvSpec.of(1, 2, 2, 1)), s(1, 6, 20, 19, 4, 3, 3, ConvSpec.of(3, 1, 2, 1)),
            // the filter hardly fits, or hangs far out
            s(1, 2, 3, 3, 4, 3, 3, ConvSpec.of(1, 0, 1, 1)), s(1, 2, 1, 1, 3, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(1, 2, 2, 2, 3, 3, 3, ConvSpec.of(1, 4, 1, 1)),
            // large and odd filters
            s(1, 3, 23, 23, 8, 7, 7, ConvSpec.of(2, 3, 1, 1)), s(1, 2, 12, 11, 3, 5, 2, ConvSpec.of(1, 2, 1, 1)),
            s(1, 3, 10, 12, 5, 1, 5, new ConvSpec(1, 2, 0, 1, 0, 3, 1, 2, 1)),
            s(2, 3, 10, 12, 5, 4, 1, new ConvSpec(2, 1, 3, 0, 1, 0, 2, 1, 1)),
            // groups and depthwise
            s(2, 8, 9, 9, 12, 3, 3, ConvSpec.of(1, 1, 1, 4)), s(1, 6, 7, 8, 6, 1, 1, ConvSpec.of(1, 0, 1, 3)),
            s(2, 17, 14, 15, 17, 3, 3, ConvSpec.of(1, 1, 1, 17)), s(1, 32, 16, 16, 32, 3, 3, ConvSpec.of(2, 1, 1, 32)),
            s(1, 5, 11, 12, 10, 3, 3, ConvSpec.of(1, 1, 1, 5)), s(1, 4, 13, 9, 4, 5, 5, ConvSpec.of(1, 4, 2, 4)),
            s(1, 2, 9, 300, 2, 3, 3, ConvSpec.of(1, 1, 1, 2)), s(1, 2, 33, 35, 2, 5, 5, ConvSpec.of(2, 2, 1, 2)),
            s(2, 3, 40, 19, 12, 3, 3, ConvSpec.of(1, 1, 1, 3)), s(1, 2, 24, 25, 2, 3, 3, ConvSpec.of(2, 4, 1, 2)),
            s(1, 2, 18, 33, 2, 3, 3, ConvSpec.of(1, 5, 5, 2)), s(1, 3, 7, 7, 3, 7, 7, ConvSpec.of(1, 3, 1, 3)),
            s(1, 33, 9, 41, 18, 3, 3, ConvSpec.of(2, 1, 1, 1)),
            // 1-D
            s(2, 3, 1, 80, 100, 1, 10, ConvSpec.of(1, 0, 1, 1)), s(1, 16, 1, 33, 17, 1, 3,
                    new ConvSpec(1, 1, 0, 2, 0, 0, 1, 1, 1)),
            s(3, 5, 1, 65, 7, 1, 5, new ConvSpec(1, 2, 0, 8, 0, 0, 1, 2, 1)),
            // many small images
            s(32, 40, 1, 20, 37, 1, 10, ConvSpec.of(1, 0, 1, 1)), s(40, 33, 1, 11, 40, 1, 10, ConvSpec.of(1, 0, 1, 1)),
            s(24, 48, 4, 5, 36, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(24, 36, 5, 5, 17, 3, 3, ConvSpec.of(2, 1, 1, 1)),
            s(30, 64, 3, 3, 34, 3, 3, ConvSpec.of(1, 2, 2, 1)),
            // nothing
            s(0, 3, 8, 8, 4, 3, 3, ConvSpec.of(1, 1, 1, 1)));

    /// Where Winograd's algorithms apply: edges of tiles, lines and vectors, several images in a block, groups.
    private static final List<Shape> TILES = List.of(
            s(1, 16, 8, 8, 16, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(3, 17, 13, 11, 33, 3, 3, ConvSpec.of(1, 0, 1, 1)),
            s(1, 64, 14, 14, 65, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(5, 32, 7, 7, 48, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(2, 3, 2, 1, 6, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(1, 8, 3, 131, 5, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(2, 12, 9, 10, 8, 3, 3, new ConvSpec(1, 1, 2, 0, 1, 3, 1, 1, 2)),
            s(1, 2, 1, 1, 3, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(1, 5, 6, 6, 7, 3, 3, ConvSpec.of(1, 2, 1, 1)),
            s(1, 250, 10, 9, 20, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(2, 40, 40, 36, 72, 3, 3, ConvSpec.of(1, 1, 1, 2)));

    /// The same for images channels last, whose channels are whole vectors of any width.
    private static final List<Shape> PIXEL_TILES = List.of(
            s(1, 16, 8, 8, 16, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(3, 32, 13, 11, 48, 3, 3, ConvSpec.of(1, 0, 1, 1)),
            s(1, 64, 14, 14, 32, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(5, 16, 7, 7, 16, 3, 3, ConvSpec.of(1, 2, 1, 1)),
            s(2, 16, 9, 10, 16, 3, 3, new ConvSpec(1, 1, 2, 0, 1, 3, 1, 1, 1)),
            s(1, 256, 6, 5, 16, 3, 3, ConvSpec.of(1, 1, 1, 1)));

    /// Ways of the weight gradient: small images merged into one sum, pieces of rows in several panels, one group among
    /// several with merged images, planes in strips and blocks of rows, rest rows and rest columns of a stencil, a
    /// gradient whose last vector would end behind the memory, filters summed column by column.
    private static final List<Shape> WEIGHTS = List.of(
            s(9, 16, 4, 4, 20, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(70, 5, 3, 5, 18, 3, 3, ConvSpec.of(1, 1, 1, 1)),
            s(3, 23, 14, 14, 7, 3, 3, ConvSpec.of(1, 1, 1, 1)), s(5, 20, 1, 71, 33, 1, 10, ConvSpec.of(1, 0, 1, 1)),
            s(1, 18, 40, 40, 9, 3, 3, ConvSpec.of(1, 2, 2, 1)), s(6, 24, 6, 6, 20, 3, 3, ConvSpec.of(2, 1, 1, 2)),
            s(7, 70, 5, 5, 34, 1, 1, ConvSpec.of(1, 0, 1, 1)), s(1, 34, 30, 30, 19, 1, 1, ConvSpec.of(1, 0, 1, 1)),
            s(1, 3, 50, 50, 17, 7, 7, ConvSpec.of(2, 3, 1, 1)),
            s(2, 3, 61, 290, 3, 3, 3, ConvSpec.of(1, 1, 1, 3)), s(2, 3, 46, 280, 3, 3, 3, ConvSpec.of(2, 1, 1, 3)),
            s(3, 4, 16, 32, 4, 3, 3, ConvSpec.of(1, 1, 1, 4)), s(2, 3, 7, 7, 6, 3, 3, ConvSpec.of(1, 1, 1, 3)),
            s(2, 2, 19, 21, 2, 5, 5, ConvSpec.of(2, 2, 1, 2)), s(1, 2, 30, 18, 2, 9, 3, ConvSpec.of(1, 4, 1, 2)),
            s(1, 2, 40, 20, 2, 15, 1, ConvSpec.of(1, 7, 1, 2)), s(2, 2, 23, 19, 2, 3, 3, ConvSpec.of(1, 3, 3, 2)));

    static List<Row> rows() {
        List<Case> forward = new ArrayList<>();
        List<Case> packed = new ArrayList<>();
        List<Case> data = new ArrayList<>();
        List<Case> weight = new ArrayList<>();
        for (Shape s : SHAPES) {
            forward.add(forward(s, Layout.PLAIN, "none", false));
            packed.add(forward(s, Layout.PLAIN, "none", true));
            data.add(data(s, Layout.PLAIN));
            weight.add(weight(s, Layout.PLAIN));
        }
        for (Shape s : WEIGHTS) {
            weight.add(weight(s, Layout.PLAIN));
            weight.add(weight(s, Layout.SHIFTED));
        }
        for (int i : new int[] {1, 6, 8, 10, 16, 20, 22, 23, 26, 27, 33}) {
            for (boolean pack : new boolean[] {false, true}) {
                List<Case> list = pack ? packed : forward;
                list.add(forward(SHAPES.get(i), Layout.PLAIN, "bias", pack));
                list.add(forward(SHAPES.get(i), Layout.PLAIN, "bias, relu", pack));
                list.add(forward(SHAPES.get(i), Layout.PLAIN, "residual", pack));
                list.add(forward(SHAPES.get(i), Layout.ROWS, "none", pack));
                list.add(forward(SHAPES.get(i), Layout.SHIFTED, "none", pack));
            }
            data.add(data(SHAPES.get(i), Layout.ROWS));
            weight.add(weight(SHAPES.get(i), Layout.ROWS));
        }
        List<Case> algorithms = new ArrayList<>();
        for (ConvAlgorithm algorithm : ConvAlgorithm.values()) {
            for (Shape s : TILES) {
                algorithms.add(algorithm(s, Layout.PLAIN, "none", algorithm, true));
                algorithms.add(algorithm(s, Layout.ROWS, "residual", algorithm, false));
                algorithms.add(algorithm(s, Layout.SHIFTED, "bias, relu", algorithm, true));
            }
        }
        List<Case> last = new ArrayList<>();
        for (Shape s : SHAPES) {
            if (s.spec.groups() == 1 || (s.c == s.spec.groups() && s.oc == s.c && s.c >= 16)) {
                last.add(channelsLast(s, ConvAlgorithm.DIRECT, Layout.CHANNELS_LAST, "bias, relu"));
                last.add(channelsLast(s, ConvAlgorithm.DIRECT, Layout.SPACED_PIXELS, "residual"));
            }
        }
        for (ConvAlgorithm algorithm : ConvAlgorithm.values()) {
            for (Shape s : PIXEL_TILES) {
                last.add(channelsLast(s, algorithm, Layout.CHANNELS_LAST, "none"));
                last.add(channelsLast(s, algorithm, Layout.SPACED_PIXELS, "residual"));
                last.add(channelsLast(s, algorithm, Layout.PLAIN, "bias, relu"));
            }
        }
        List<Case> dataOfTiles = TILES.stream().map(s -> data(s, Layout.PLAIN)).toList();
        return List.of(
                new Row("conv by each algorithm",
                        List.of("ConvKernels.forward(ConvSpec, View, View, View, Epilogue, ConvAlgorithm)",
                                "ConvKernels.algorithms(ConvSpec, int[], int[], boolean)",
                                "ConvKernels.with(Winograd)",
                                "ConvKernels.pack(ConvSpec, View, ConvAlgorithm, MemorySegment)",
                                "ConvKernels.packedBytes(ConvSpec, View, ConvAlgorithm)"),
                        algorithms),
                new Row("conv channels last",
                        List.of("ConvKernels.algorithms(ImageLayout, ConvSpec, int[], int[])",
                                "ConvKernels.pack(ImageLayout, ConvSpec, View, ConvAlgorithm, MemorySegment)",
                                "ConvKernels.packedBytes(ImageLayout, ConvSpec, View, ConvAlgorithm)"),
                        last),
                new Row("conv data gradient by any algorithm", List.of(), dataOfTiles),
                new Row("conv forward", List.of("ConvKernels.forward(ConvSpec, View, View, View, Epilogue)"), forward),
                new Row("conv forward packed",
                        List.of("ConvKernels.forward(ConvSpec, View, PackedFilter, View, Epilogue)",
                                "ConvKernels.pack(ConvSpec, View, MemorySegment)",
                                "ConvKernels.packedBytes(ConvSpec, View)"),
                        packed),
                new Row("conv data gradient", List.of("ConvKernels.dataGradient(ConvSpec, View, View, View)"), data),
                new Row("conv weight gradient", List.of("ConvKernels.weightGradient(ConvSpec, View, View, View)"),
                        weight));
    }

    private static Case forward(Shape s, Layout layout, String epilogue, boolean pack) {
        boolean bias = epilogue.startsWith("bias");
        Operand extra = bias ? Operand.f32(s.oc) : Operand.f32(s.y());
        List<Operand> in = List.of(Operand.f32(s.x()).as(layout), Operand.f32(s.weights()),
                extra);
        Case made = new Case("conv " + epilogue + (pack ? " packed " : " ") + s.spec, in,
                List.of(Operand.out(DType.F32, s.y()).as(layout)), Tolerance.terms(s.terms()), (kernels, x, y) -> {
                    Epilogue e = epilogue(epilogue, x.get(2), s);
                    return pack
                            ? kernels.conv().forward(s.spec, x.get(0), pack(kernels, s.spec, x.get(1)), y.get(0), e)
                            : kernels.conv().forward(s.spec, x.get(0), x.get(1), y.get(0), e);
                }).magnitude((kernels, x, y) -> kernels.conv().forward(s.spec, x.get(0), x.get(1), y.get(0),
                        epilogue(epilogue, x.get(2), s)));
        return epilogue.endsWith("relu") || s.h == 2 ? made.allowZeros() : made;
    }

    /// The error of F(4×4) is relative to the largest output, stated to be at most 1e-4 and held to a fifth of that here;
    /// that of F(2×2) like a direct sum's.
    private static Case algorithm(
            Shape s, Layout layout, String epilogue, ConvAlgorithm algorithm, boolean pack) {
        Operand extra = epilogue.startsWith("bias") ? Operand.f32(s.oc) : Operand.f32(s.y());
        List<Operand> in = List.of(Operand.f32(s.x()).as(layout), Operand.f32(s.weights()), extra);
        Tolerance tolerance = algorithm == ConvAlgorithm.WINOGRAD_4
                ? Tolerance.ofLargest(2e-5 / Tolerance.eps(DType.F32))
                : Tolerance.terms(s.terms());
        Case made = new Case("conv " + algorithm + " " + epilogue + " " + s, in,
                List.of(Operand.out(DType.F32, s.y()).as(layout)), tolerance, (kernels, x, y) -> {
                    Epilogue e = epilogue(epilogue, x.get(2), s);
                    if (!pack) {
                        return kernels.conv().forward(s.spec, x.get(0), x.get(1), y.get(0), e, algorithm);
                    }
                    long bytes = kernels.conv().packedBytes(s.spec, x.get(1), algorithm);
                    PackedFilter w = kernels.conv().pack(
                            s.spec, x.get(1), algorithm, Arena.ofAuto().allocate(bytes, 64));
                    return kernels.conv().forward(s.spec, x.get(0), w, y.get(0), e);
                }).magnitude((kernels, x, y) -> kernels.conv().forward(
                        s.spec, x.get(0), x.get(1), y.get(0), epilogue(epilogue, x.get(2), s)));
        return epilogue.endsWith("relu") ? made.allowZeros() : made;
    }

    /// Results, and an operand of their shape, channels last; images in `layout`, which may be planes.
    private static Case channelsLast(Shape s, ConvAlgorithm algorithm, Layout layout, String epilogue) {
        Layout results = layout == Layout.PLAIN ? Layout.CHANNELS_LAST : layout;
        Operand extra =
                epilogue.startsWith("bias") ? Operand.f32(s.oc) : Operand.f32(s.y()).as(Layout.CHANNELS_LAST);
        List<Operand> in = List.of(Operand.f32(s.x()).as(layout), Operand.f32(s.weights()), extra);
        Tolerance tolerance = algorithm == ConvAlgorithm.WINOGRAD_4
                ? Tolerance.ofLargest(2e-5 / Tolerance.eps(DType.F32))
                : Tolerance.terms(s.terms());
        Case made = new Case("conv channels last " + algorithm + " " + epilogue + " " + s, in,
                List.of(Operand.out(DType.F32, s.y()).as(results)), tolerance, (kernels, x, y) -> {
                    ImageLayout images = ImageLayout.CHANNELS_LAST;
                    ConvKernels conv = kernels.conv().with(Winograd.F4);
                    boolean known = conv.algorithms(images, s.spec, s.x(), s.weights()).contains(algorithm);
                    // The reference knows one algorithm.
                    ConvAlgorithm wanted = known ? algorithm : ConvAlgorithm.DIRECT;
                    long bytes = conv.packedBytes(images, s.spec, x.get(1), wanted);
                    PackedFilter w = conv.pack(
                            images, s.spec, x.get(1), wanted, Arena.ofAuto().allocate(Math.max(64, bytes), 64));
                    return conv.forward(s.spec, x.get(0), w, y.get(0), epilogue(epilogue, x.get(2), s));
                }).magnitude((kernels, x, y) -> {
                    PackedFilter w = kernels.conv().pack(ImageLayout.CHANNELS_LAST, s.spec, x.get(1),
                            ConvAlgorithm.DIRECT, Arena.ofAuto().allocate(Math.max(64, 4L * x.get(1).count() * 2), 64));
                    return kernels.conv().forward(s.spec, x.get(0), w, y.get(0), epilogue(epilogue, x.get(2), s));
                });
        return epilogue.endsWith("relu") || s.h == 2 || s.h == 1 ? made.allowZeros() : made;
    }

    private static Epilogue epilogue(String name, View extra, Shape s) {
        Expr sum = Expr.input(0).plus(Expr.input(1));
        return switch (name) {
            case "bias" -> new Epilogue(sum, List.of(extra.restride(0, s.y(), new int[] {0, 1, 0, 0})));
            case "bias, relu" -> new Epilogue(sum.max(Expr.constant(0)),
                    List.of(extra.restride(0, s.y(), new int[] {0, 1, 0, 0})));
            case "residual" -> new Epilogue(sum, List.of(extra));
            case "none" -> Epilogue.NONE;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Case data(Shape s, Layout layout) {
        List<Operand> in = List.of(Operand.f32(s.y()).as(layout), Operand.f32(s.weights()));
        int terms = s.oc / s.spec.groups() * s.kh * s.kw;
        // With a stride larger than the filter, most of the input takes no part.
        boolean holes = s.spec.strideH() > s.kh || s.spec.strideW() > s.kw || s.h == 2;
        Case made = new Case("conv data gradient " + s.spec, in, List.of(Operand.out(DType.F32, s.x()).as(layout)),
                Tolerance.terms(terms),
                (kernels, x, y) -> kernels.conv().dataGradient(s.spec, x.get(0), x.get(1), y.get(0)));
        return holes ? made.allowZeros() : made;
    }

    private static Case weight(Shape s, Layout layout) {
        List<Operand> in = List.of(Operand.f32(s.x()).as(layout), Operand.f32(s.y()).as(layout));
        int terms = s.n * s.y()[2] * s.y()[3];
        Case made = new Case("conv weight gradient " + s.spec, in, List.of(Operand.out(DType.F32, s.weights())),
                Tolerance.terms(terms),
                (kernels, x, y) -> kernels.conv().weightGradient(s.spec, x.get(0), x.get(1), y.get(0)));
        return s.n == 0 || s.h <= 2 ? made.allowZeros() : made;
    }

    private static PackedFilter pack(Kernels kernels, ConvSpec spec, View w) {
        long bytes = kernels.conv().packedBytes(spec, w);
        return kernels.conv().pack(spec, w, Arena.ofAuto().allocate(bytes, 64));
    }
}
