package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Layer norm and RMS norm with their gradients.
final class TransformerRows {
    private TransformerRows() {
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("layer norm", List.of("NormKernels.layerNorm(View, View, View, double, View, View, View)"),
                forward(true)));
        rows.add(new Row("RMS norm", List.of("NormKernels.rmsNorm(View, View, double, View, View)"), forward(false)));
        rows.add(new Row("layer norm gradient", List.of(
                "NormKernels.layerNormGradient(View, View, View, View, View, View, View, View)"), gradient(true)));
        rows.add(new Row("RMS norm gradient", List.of(
                "NormKernels.rmsNormGradient(View, View, View, View, View, View)"), gradient(false)));
        return rows;
    }

    private static final int[] WIDTHS = {2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 384, 1031};

    private static List<Case> forward(boolean centred) {
        List<Case> cases = new ArrayList<>();
        for (int n : WIDTHS) {
            cases.add(forward(centred, 3, n, DType.F32, Layout.PLAIN, Domain.NORMAL, 2));
        }
        for (int given : new int[] {0, 1, 2}) {
            for (Layout layout : new Layout[] {Layout.PLAIN, Layout.SHIFTED, Layout.ROWS}) {
                cases.add(forward(centred, 70, 33, DType.F32, layout, Domain.NORMAL, given));
            }
            cases.add(forward(centred, 5, 33, DType.F64, Layout.PLAIN, Domain.NORMAL, given));
        }
        cases.add(forward(centred, 0, 8, DType.F32, Layout.PLAIN, Domain.NORMAL, 2));
        cases.add(forward(centred, 4, 0, DType.F32, Layout.PLAIN, Domain.NORMAL, 2));
        cases.add(forward(centred, 4, 20_011, DType.F32, Layout.PLAIN, Domain.NORMAL, 2));
        // The mean is far larger than the spread: E[x²] − E[x]² would be all noise.
        cases.add(forward(centred, 4, 65, DType.F32, Layout.PLAIN, Domain.uniform(1000, 1001), 2));
        cases.add(forward(centred, 9, 5, DType.F32, Layout.PLAIN, Domain.SOME_NAN, 2));
        cases.add(forward(centred, 4, 40, DType.F32, Layout.PLAIN, Domain.constant(3), 1).allowZeros());
        return cases;
    }

    private static Case forward(
            boolean centred, int m, int n, DType type, Layout layout, Domain domain, int given) {
        // What a subtraction of the mean loses is relative to the numbers, not to their spread.
        double c = domain == Domain.SOME_NAN || domain == Domain.NORMAL ? 64 : 20_000;
        List<Operand> out = new ArrayList<>(List.of(Operand.out(type, m, n).as(layout), Operand.out(type, m)));
        if (centred) {
            out.add(Operand.out(type, m));
        }
        Operand row = Operand.of(type, Domain.NORMAL, n);
        return new Case((centred ? "layer" : "RMS") + " norm, " + given + " parameters",
                List.of(Operand.of(type, domain, m, n).as(layout), row.with(Domain.POSITIVE), row), out,
                Tolerance.ofLargest(c), (k, in, o) -> {
                    View weight = given > 0 ? in.get(1) : null;
                    View bias = given > 1 ? in.get(2) : null;
                    return centred ? k.norm().layerNorm(in.getFirst(), weight, bias, 1e-5, o.get(0), o.get(2), o.get(1))
                            : k.norm().rmsNorm(in.getFirst(), weight, 1e-5, o.get(0), o.get(1));
                });
    }

    private static List<Case> gradient(boolean centred) {
        List<Case> cases = new ArrayList<>();
        for (int n : WIDTHS) {
            cases.add(gradient(centred, 3, n, DType.F32, Layout.PLAIN, 3));
        }
        for (int given : new int[] {0, 1, 2, 3}) {
            for (Layout layout : new Layout[] {Layout.PLAIN, Layout.SHIFTED, Layout.ROWS}) {
                cases.add(gradient(centred, 70, 33, DType.F32, layout, given));
            }
            cases.add(gradient(centred, 5, 33, DType.F64, Layout.PLAIN, given));
        }
        cases.add(gradient(centred, 1, 300, DType.F32, Layout.PLAIN, 3));
        cases.add(gradient(centred, 700, 129, DType.F32, Layout.PLAIN, 3));
        cases.add(gradient(centred, 3, 20_011, DType.F32, Layout.PLAIN, 3));
        cases.add(gradient(centred, 0, 8, DType.F32, Layout.PLAIN, 3).allowZeros());
        return cases;
    }

    /// `given`: 1 weight, 2 gradient of the weight too, 3 that of the bias too.
    private static Case gradient(boolean centred, int m, int n, DType type, Layout layout, int given) {
        Operand x = Operand.of(type, Domain.NORMAL, m, n).as(layout);
        List<Operand> out = new ArrayList<>(List.of(Operand.out(type, m, n).as(layout)));
        for (int i = 2; i <= Math.min(given, centred ? 3 : 2); i++) {
            out.add(Operand.out(type, n));
        }
        return new Case((centred ? "layer" : "RMS") + " norm gradient, " + given + " parameters",
                List.of(x, Operand.of(type, Domain.NORMAL, n), Operand.of(type, Domain.uniform(-0.2, 0.2), m),
                        Operand.of(type, Domain.POSITIVE, m), x),
                out, Tolerance.ofLargest(64 + 4 * Math.sqrt(Math.max(m, n))), (k, in, o) -> {
                    View weight = given > 0 ? in.get(1) : null;
                    View ofWeight = output(o, 1);
                    return centred
                            ? k.norm().layerNormGradient(in.get(0), weight, in.get(2), in.get(3), in.get(4), o.get(0),
                                    ofWeight, output(o, 2))
                            : k.norm().rmsNormGradient(in.get(0), weight, in.get(3), in.get(4), o.get(0), ofWeight);
                });
    }

    private static @Nullable View output(List<View> out, int index) {
        return index < out.size() ? out.get(index) : null;
    }
}
