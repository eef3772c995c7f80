package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Reductions over every choice of dims, running sums, searches.
final class ReduceRows {
    private ReduceRows() {
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Reduction r : Reduction.values()) {
            rows.add(new Row("reduce " + r,
                    List.of("Reduction." + r, "ReduceKernels.reduce(Reduction, Expr, List, View)"),
                    reduce(r)));
        }
        rows.add(new Row("arg", List.of("ReduceKernels.arg(boolean, View, View, int)"), arg()));
        rows.add(new Row("cumsum", List.of("ReduceKernels.cumsum(View, View, int)"), cumsum()));
        return rows;
    }

    private static List<Case> reduce(Reduction r) {
        List<Case> cases = new ArrayList<>();
        boolean extreme = r == Reduction.MAX || r == Reduction.MIN;
        for (int n : new int[] {0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 1021}) {
            if (n > 0 || !extreme) {
                cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.NORMAL, new int[] {n}, 1));
                cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.NORMAL, new int[] {3, n}, 2));
                cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.NORMAL, new int[] {n, 5}, 1));
            }
        }
        // All subsets of three dims, in every layout.
        for (Layout layout : Layout.values()) {
            for (int mask = 0; mask < 8; mask++) {
                cases.add(reduce(r, DType.F32, layout, Domain.NORMAL, new int[] {5, 17, 33}, mask));
            }
        }
        for (int mask : new int[] {1, 2, 3}) {
            cases.add(reduce(r, DType.F64, Layout.PLAIN, Domain.NORMAL, new int[] {17, 65}, mask));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.SOME_NAN, new int[] {9, 19}, mask));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.NORMAL, new int[] {0, 7}, mask & 2));
        }
        if (extreme) {
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.SPECIAL, new int[] {40, 3}, 2));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.MASKED, new int[] {40, 3}, 2));
        } else {
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.uniform(0.999, 1.001), new int[] {70_001}, 1));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.uniform(0.999, 1.001), new int[] {301, 257}, 1));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.uniform(0.999, 1.001), new int[] {301, 257}, 2));
            cases.add(reduce(r, DType.F32, Layout.PLAIN, Domain.uniform(0.999, 1.001), new int[] {8, 16, 301}, 5));
        }
        cases.add(mapped(r));
        if (r != Reduction.MEAN) {
            for (DType type : new DType[] {DType.I64, DType.I32, DType.U8, DType.BOOL}) {
                Operand in = Operand.of(type, type == DType.BOOL ? Domain.BITS : Domain.integers(1, 4), 5, 21);
                cases.add(new Case("reduce " + r + " of integers", List.of(in), List.of(Operand.out(DType.I64, 5, 1)),
                        Tolerance.EXACT,
                        (k, i, o) -> k.reduce().reduce(r, Expr.input(0), i, o.getFirst())).allowZeros());
            }
        }
        return cases;
    }

    private static Case reduce(Reduction r, DType type, Layout layout, Domain domain, int[] dims, int mask) {
        int[] reduced = dims.clone();
        int terms = 1;
        for (int d = 0; d < dims.length; d++) {
            if ((mask >> d & 1) != 0) {
                reduced[d] = 1;
                terms *= dims[d];
            }
        }
        int k = terms;
        // A product's error grows with every factor, relative to itself.
        Tolerance tolerance = switch (r) {
            case SUM, MEAN -> Tolerance.terms(k);
            case MAX, MIN -> Tolerance.EXACT;
            case PROD -> Tolerance.ulp(2.0 * k);
        };
        Domain numbers = r == Reduction.PROD && domain == Domain.NORMAL ? Domain.uniform(0.8, 1.2) : domain;
        Case made = new Case("reduce " + r + " mask " + Integer.toBinaryString(mask),
                List.of(Operand.of(type, numbers, dims).as(layout)), List.of(Operand.out(type, reduced)), tolerance,
                (kernels, in, out) -> kernels.reduce().reduce(r, Expr.input(0), in, out.getFirst()));
        return k == 0 ? made.allowZeros() : made;
    }

    /// Sums of squares of differences, as variance and norms need them.
    private static Case mapped(Reduction r) {
        Expr d = Expr.input(0).minus(Expr.input(1));
        Tolerance tolerance = r == Reduction.PROD ? Tolerance.ulp(400) : Tolerance.ofLargest(64);
        return new Case("reduce " + r + " mapped",
                List.of(Operand.f32(7, 67).with(Domain.uniform(1, 2)),
                        Operand.f32(7, 67).with(Domain.uniform(-0.3, 0.3)).as(Layout.REPEAT_LAST)),
                List.of(Operand.out(DType.F32, 7, 1)), tolerance,
                (k, in, out) -> k.reduce().reduce(r, d.times(d), in, out.getFirst()));
    }

    private static List<Case> arg() {
        List<Case> cases = new ArrayList<>();
        for (boolean largest : new boolean[] {true, false}) {
            for (Domain domain : List.of(Domain.NORMAL, Domain.TIES, Domain.SPECIAL, Domain.MASKED)) {
                for (int dim : new int[] {0, 1, 2}) {
                    for (Layout layout : new Layout[] {Layout.PLAIN, Layout.TRANSPOSED, Layout.STRIDED}) {
                        cases.add(arg(largest, Operand.f32(5, 33, 17).with(domain).as(layout), dim));
                    }
                    cases.add(arg(largest, Operand.of(DType.F64, domain, 3, 5, 7), dim));
                }
            }
            for (DType type : new DType[] {DType.I64, DType.I32, DType.U8}) {
                cases.add(arg(largest, Operand.of(type, Domain.integers(0, 5), 4, 1, 31), 2));
            }
            cases.add(arg(largest, Operand.f32(1), 0));
            cases.add(arg(largest, Operand.f32(0, 3), 1));
        }
        return cases;
    }

    private static Case arg(boolean largest, Operand in, int dim) {
        int[] dims = in.dims().clone();
        dims[dim] = 1;
        return new Case("arg " + (largest ? "max" : "min") + " dim " + dim, List.of(in),
                List.of(Operand.out(DType.I64, dims)), Tolerance.EXACT,
                (k, i, o) -> k.reduce().arg(largest, i.getFirst(), o.getFirst(), dim)).allowZeros();
    }

    private static List<Case> cumsum() {
        List<Case> cases = new ArrayList<>();
        for (int dim : IntStream.range(0, 3).toArray()) {
            for (Layout layout : new Layout[] {Layout.PLAIN, Layout.TRANSPOSED, Layout.STRIDED}) {
                cases.add(cumsum(Operand.f32(4, 33, 9).as(layout), DType.F32, dim));
            }
            cases.add(cumsum(Operand.of(DType.I32, Domain.integers(-9, 9), 4, 33, 9), DType.I64, dim));
            cases.add(cumsum(Operand.of(DType.F64, Domain.NORMAL, 4, 33, 9), DType.F64, dim));
        }
        cases.add(cumsum(Operand.f32(0, 3), DType.F32, 0));
        cases.add(cumsum(Operand.f32(3, 0), DType.F32, 0));
        return cases;
    }

    private static Case cumsum(Operand in, DType out, int dim) {
        Tolerance tolerance = out == DType.I64 ? Tolerance.EXACT : Tolerance.terms(in.dims()[dim]);
        return new Case("cumsum dim " + dim, List.of(in), List.of(Operand.out(out, in.dims())), tolerance,
                (k, i, o) -> k.reduce().cumsum(i.getFirst(), o.getFirst(), dim));
    }
}
