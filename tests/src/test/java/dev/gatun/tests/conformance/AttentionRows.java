package dev.gatun.tests.conformance;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Attention and its gradient: sizes around tiles (36 queries, 64 for gradients) and blocks (1024 and 256 keys), groups, masks, dropout.
final class AttentionRows {
    private static final int[] NO_MASK = {};

    private AttentionRows() {
    }

    static List<Row> rows() {
        List<Case> forward = new ArrayList<>();
        List<Case> gradient = new ArrayList<>();
        for (Shape s : shapes()) {
            forward.add(forward(s));
            // With one key the weight is 1 and the gradients of q and k are 0: rounding is all there is to compare.
            if (s.tk != 1) {
                gradient.add(gradient(s));
            }
        }
        forward.add(merged());
        return List.of(new Row("attention",
                List.of("AttentionKernels.forward(AttentionSpec, View, View, View, View, View, View, View)"), forward),
                new Row("attention gradient", List.of("AttentionKernels.gradient(AttentionSpec, View, View, View, View,"
                        + " View, View, View, View, View, View, View)"), gradient));
    }

    /// `mask`: the dims of an additive mask before it is repeated to `[n, heads, tq, tk]`.
    private record Shape(int n, int heads, int kvHeads, int tq, int tk, int d, int dv, AttentionSpec spec, int[] mask,
            @Nullable Domain padding, DType type, Layout layout) {
        static Shape of(int n, int heads, int tq, int tk, int d) {
            return new Shape(n, heads, heads, tq, tk, d, d, AttentionSpec.of(1 / Math.sqrt(Math.max(1, d)), false),
                    NO_MASK, null, DType.F32, Layout.PLAIN);
        }

        Shape values(int kv, int values) {
            return new Shape(n, heads, kv, tq, tk, d, values, spec, mask, padding, type, layout);
        }

        Shape with(AttentionSpec other) {
            return new Shape(n, heads, kvHeads, tq, tk, d, dv, other, mask, padding, type, layout);
        }

        Shape causal() {
            return with(AttentionSpec.of(spec.scale(), true));
        }

        Shape masked(int... dims) {
            return new Shape(n, heads, kvHeads, tq, tk, d, dv, spec, dims, padding, type, layout);
        }

        Shape padded(Domain domain) {
            return new Shape(n, heads, kvHeads, tq, tk, d, dv, spec, mask, domain, type, layout);
        }

        Shape as(DType t, Layout l) {
            return new Shape(n, heads, kvHeads, tq, tk, d, dv, spec, mask, padding, t, l);
        }

        List<Operand> operands() {
            List<Operand> in = new ArrayList<>(List.of(Operand.of(type, Domain.NORMAL, n, heads, tq, d).as(layout),
                    Operand.of(type, Domain.NORMAL, n, kvHeads, tk, d).as(layout),
                    Operand.of(type, Domain.NORMAL, n, kvHeads, tk, dv).as(layout)));
            if (mask.length > 0) {
                in.add(Operand.of(type, MASK, mask));
            }
            if (padding != null) {
                in.add(Operand.of(DType.BOOL, padding, n, tk));
            }
            return in;
        }

        @Nullable
        View mask(List<View> in) {
            return mask.length == 0 ? null : in.get(3).expand(n, heads, tq, tk);
        }

        @Nullable
        View padding(List<View> in) {
            return padding == null ? null : in.get(mask.length == 0 ? 3 : 4);
        }

        Call forward(Kernels k, List<View> in, View out, View lse) {
            return k.attention().forward(spec, in.get(0), in.get(1), in.get(2), mask(in), padding(in), out, lse);
        }
    }

    /// Normal numbers with −∞ among them.
    private static final Domain MASK = (i, random) -> i % 5 == 2 ? Double.NEGATIVE_INFINITY
            : Domain.NORMAL.value(i, random);

    private static List<Shape> shapes() {
        List<Shape> shapes = new ArrayList<>();
        for (int t : new int[] {1, 2, 15, 16, 17, 36, 37, 63, 64, 65, 130, 257, 515}) {
            shapes.add(Shape.of(1, 2, t, t, 16));
        }
        for (int d : new int[] {1, 3, 8, 31, 32, 48, 64, 65, 100, 128, 160}) {
            shapes.add(Shape.of(1, 2, 7, 70, d));
        }
        shapes.add(Shape.of(2, 3, 5, 300, 24));
        shapes.add(Shape.of(2, 3, 300, 5, 24));
        shapes.add(Shape.of(2, 1, 1, 700, 64));
        for (int t : new int[] {1023, 1024, 1025, 2100}) {
            shapes.add(Shape.of(1, 2, 20, t, 16));
        }
        shapes.add(Shape.of(1, 1, 1100, 1100, 8).causal());
        shapes.add(Shape.of(2, 2, 20, 1100, 16).masked(20, 1100));
        shapes.add(Shape.of(3, 2, 20, 1100, 16).padded((i, _) -> i % 1100 >= 500 * (i / 1100) + 7 ? 1 : 0));
        shapes.add(Shape.of(2, 2, 40, 1100, 16).with(new AttentionSpec(0.25, false, 0.3, 42, 5)));
        shapes.add(Shape.of(2, 6, 33, 40, 16).values(2, 20));
        shapes.add(Shape.of(1, 4, 1, 600, 16).values(1, 16).padded(Domain.BITS));
        for (int t : new int[] {1, 17, 64, 100, 290}) {
            shapes.add(Shape.of(1, 2, t, t, 16).causal());
        }
        shapes.add(Shape.of(1, 2, 40, 90, 16).causal());
        shapes.add(Shape.of(1, 4, 90, 40, 16).values(2, 8).causal());
        shapes.add(Shape.of(2, 2, 20, 90, 16).masked(2, 2, 20, 90));
        shapes.add(Shape.of(2, 2, 20, 300, 16).masked(20, 300));
        shapes.add(Shape.of(2, 2, 20, 90, 16).masked(2, 1, 1, 90));
        shapes.add(Shape.of(2, 2, 20, 90, 16).masked(20, 1).causal());
        shapes.add(Shape.of(3, 2, 20, 300, 16).padded((i, _) -> i % 300 >= 100 * (i / 300) + 7 ? 1 : 0));
        shapes.add(Shape.of(3, 2, 20, 90, 16).padded(Domain.BITS).causal());
        shapes.add(Shape.of(2, 2, 20, 90, 16).padded(Domain.BITS).masked(2, 2, 20, 90));
        // The queries of the first batch see no key at all.
        shapes.add(Shape.of(2, 2, 20, 30, 16).padded((i, _) -> i < 30 ? 1 : 0));
        shapes.add(Shape.of(2, 2, 20, 30, 16).masked(2, 1, 1, 1));
        shapes.add(Shape.of(2, 2, 20, 30, 16).with(AttentionSpec.of(-0.3, false)));
        shapes.add(Shape.of(2, 2, 20, 30, 16).with(AttentionSpec.of(0, false)));
        shapes.add(Shape.of(1, 2, 40, 40, 16).with(AttentionSpec.of(6, false)));
        shapes.add(Shape.of(2, 2, 70, 300, 16).with(new AttentionSpec(0.25, false, 0.3, 42, 5)));
        shapes.add(Shape.of(2, 4, 70, 70, 16).values(2, 16).with(new AttentionSpec(0.25, true, 0.5, 42, 1L << 33)));
        shapes.add(Shape.of(2, 2, 33, 70, 16).as(DType.F32, Layout.SHIFTED));
        shapes.add(Shape.of(2, 2, 33, 70, 16).as(DType.F32, Layout.ROWS));
        shapes.add(Shape.of(2, 2, 3, 7, 5).as(DType.F64, Layout.PLAIN));
        shapes.add(Shape.of(0, 2, 3, 7, 5));
        shapes.add(Shape.of(2, 2, 0, 7, 5));
        shapes.add(Shape.of(2, 2, 3, 0, 5));
        shapes.add(Shape.of(2, 2, 3, 7, 0));
        return shapes;
    }

    private static Case forward(Shape s) {
        return new Case("attention " + s.spec, s.operands(),
                List.of(Operand.out(s.type, s.n, s.heads, s.tq, s.dv).as(s.layout),
                        Operand.out(s.type, s.n, s.heads, s.tq)),
                // Errors of the scores are relative to them, and become relative errors of the weights.
                Tolerance.ofLargest(64 + 8 * Math.abs(s.spec.scale()) * s.d),
                (k, in, out) -> s.forward(k, in, out.get(0), out.get(1))).allowZeros();
    }

    private static Case gradient(Shape s) {
        List<Operand> in = new ArrayList<>(s.operands());
        in.add(Operand.of(s.type, Domain.NORMAL, s.n, s.heads, s.tq, s.dv).as(s.layout));
        return new Case("attention gradient " + s.spec, in,
                List.of(Operand.out(s.type, s.n, s.heads, s.tq, s.d).as(s.layout),
                        Operand.out(s.type, s.n, s.kvHeads, s.tk, s.d).as(s.layout),
                        Operand.out(s.type, s.n, s.kvHeads, s.tk, s.dv).as(s.layout)),
                Tolerance.ofLargest(200 + 32 * Math.abs(s.spec.scale()) * s.d), (k, views, out) -> {
                    View result = fresh(s.type, s.n, s.heads, s.tq, s.dv);
                    View lse = fresh(s.type, s.n, s.heads, s.tq);
                    CaseRun.run(s.forward(Kernels.reference(), views, result, lse));
                    return k.attention().gradient(s.spec, views.get(0), views.get(1), views.get(2), s.mask(views),
                            s.padding(views), result, lse, views.getLast(), out.get(0), out.get(1), out.get(2));
                }).allowZeros();
    }

    private static View fresh(DType type, int... dims) {
        return View.of(Arena.ofAuto().allocate(Math.max(1, View.count(dims)) * (long) type.bytes(), 64), 0, type, dims);
    }

    /// Queries, keys and values as views of one projection `[n, t, 3, heads, d]`, the result as `[n, t, heads, d]`.
    private static Case merged() {
        int n = 2;
        int t = 70;
        int h = 3;
        int d = 16;
        return new Case("attention, merged projection", List.of(Operand.f32(n, t, 3 * h * d)),
                List.of(Operand.out(DType.F32, n, t, h, d), Operand.out(DType.F32, n, h, t)), Tolerance.ofLargest(100),
                (k, in, out) -> {
                    int[] dims = {n, h, t, d};
                    int[] strides = {t * 3 * h * d, d, 3 * h * d, 1};
                    View x = in.getFirst();
                    return k.attention().forward(AttentionSpec.of(0.25, true), x.restride(0, dims, strides),
                            x.restride(h * d, dims, strides), x.restride(2 * h * d, dims, strides), null, null,
                            out.get(0).permute(0, 2, 1, 3), out.get(1));
                });
    }
}
