package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/// Elementwise work: every function on numbers that break functions (accuracy has a test of its own), every layout,
/// mixed types, several outputs, in place.
final class PointwiseRows {
    private static final int[] SIZES = {0, 1, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 131};

    private PointwiseRows() {
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (UnaryFunction f : UnaryFunction.values()) {
            rows.add(new Row("unary " + f, List.of("UnaryFunction." + f), unary(f)));
        }
        for (BinaryFunction f : BinaryFunction.values()) {
            rows.add(new Row("binary " + f, List.of("BinaryFunction." + f), binary(f)));
        }
        rows.add(new Row("map", List.of("PointwiseKernels.map(List, List, List)"), map()));
        rows.add(new Row("maps as one", List.of("PointwiseKernels.mapAll(List, List, List)"), mapAll()));
        rows.add(new Row("map of integers", List.of("PointwiseKernels.map(List, List, List)"), integers()));
        return rows;
    }

    /// Units in the last place that numerics allow.
    static double units(UnaryFunction f) {
        return switch (f) {
            case NEG, ABS, SQRT, FLOOR, CEIL, ROUND, SIGN, IS_NAN, NOT -> 0;
            case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS, ERF, NORMAL_CDF, SIN, COS -> 2;
        };
    }

    static double units(BinaryFunction f) {
        return switch (f) {
            case ADD, SUB, MUL, DIV, MAX, MIN, LT, LE, GT, GE, EQ, NE, AND, OR -> 0;
            case POW -> 2;
            case REMAINDER -> 0;
        };
    }

    private static List<Case> unary(UnaryFunction f) {
        List<Case> cases = new ArrayList<>();
        Expr e = Expr.input(0).apply(f);
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            for (int n : new int[] {1, 17, 400}) {
                cases.add(new Case(f.name(), List.of(Operand.of(type, domain(f), n)),
                        List.of(Operand.out(type, n)), Tolerance.ulp(type == DType.F32 ? units(f) : 2 * units(f)),
                        (k, in, out) -> k.pointwise().map(List.of(e), in, out)).allowZeros());
            }
        }
        return cases;
    }

    /// Sine and cosine of F64 arguments far outside 2³² have a row in the accuracy test.
    private static Domain domain(UnaryFunction f) {
        return f == UnaryFunction.SIN || f == UnaryFunction.COS
                ? (i, random) -> {
                    double v = Domain.SPECIAL.value(i, random);
                    return Math.abs(v) > 1e30 && Double.isFinite(v) ? v * 1e-30 : v;
                }
                : Domain.SPECIAL;
    }

    private static List<Case> binary(BinaryFunction f) {
        List<Case> cases = new ArrayList<>();
        Expr e = Expr.input(0).apply(f, Expr.input(1));
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            for (Domain domain : List.of(Domain.SPECIAL, Domain.TIES)) {
                cases.add(new Case(f.name(), List.of(Operand.of(type, domain, 401), Operand.of(type, domain, 401)),
                        List.of(Operand.out(type, 401)), Tolerance.ulp(type == DType.F32 ? units(f) : 2 * units(f)),
                        (k, in, out) -> k.pointwise().map(List.of(e), in, out)).allowZeros());
            }
        }
        return cases;
    }

    private static List<Case> map() {
        List<Case> cases = new ArrayList<>();
        Expr x = Expr.input(0);
        Expr y = Expr.input(1);
        Expr sum = x.times(2).plus(y);
        for (int n : SIZES) {
            cases.add(map("axpy", List.of(sum), List.of(Operand.f32(n), Operand.f32(n)), Operand.out(DType.F32, n)));
            cases.add(map("axpy", List.of(sum), List.of(Operand.f32(3, n), Operand.f32(3, n).as(Layout.REPEAT_FIRST)),
                    Operand.out(DType.F32, 3, n)));
            cases.add(map("axpy", List.of(sum), List.of(Operand.f32(n, 5), Operand.f32(n, 5).as(Layout.REPEAT_LAST)),
                    Operand.out(DType.F32, n, 5).as(Layout.ROWS)));
        }
        for (Layout a : Layout.values()) {
            for (Layout b : Layout.values()) {
                Layout c = a.repeats() ? Layout.STRIDED : a;
                cases.add(map("layouts", List.of(sum),
                        List.of(Operand.f32(3, 7, 19).as(a), Operand.f32(3, 7, 19).as(b)),
                        Operand.out(DType.F32, 3, 7, 19).as(c)));
            }
        }
        // Long enough to be cut for several threads.
        cases.add(map("long", List.of(sum), List.of(Operand.f32(300_007), Operand.f32(300_007)),
                Operand.out(DType.F32, 300_007)));
        cases.add(map("long rows", List.of(sum),
                List.of(Operand.f32(331, 401), Operand.f32(331, 401).as(Layout.TRANSPOSED)),
                Operand.out(DType.F32, 331, 401)));
        cases.add(map("scalar", List.of(sum), List.of(Operand.f32(), Operand.f32()), Operand.out(DType.F32)));
        cases.add(map("constant", List.of(Expr.constant(0.1)), List.of(), Operand.out(DType.F32, 37)));
        cases.add(map("select", List.of(Expr.select(x.apply(BinaryFunction.GT, Expr.constant(0.1)), y, x.negated())),
                List.of(Operand.f32(70).with(Domain.SPECIAL), Operand.f32(70)), Operand.out(DType.F32, 70)));
        cases.add(map("fma", List.of(Expr.fma(x, y, Expr.input(2))),
                List.of(Operand.f32(70), Operand.f32(70), Operand.f32(70)), Operand.out(DType.F32, 70)));
        cases.add(severalOutputs());
        cases.add(inPlace());
        for (DType in : DType.values()) {
            for (DType out : DType.values()) {
                if (in.isFloating() || out.isFloating()) {
                    cases.add(conversion(in, out));
                }
            }
        }
        return cases;
    }

    private static Case map(String name, List<Expr> e, List<Operand> in, Operand out) {
        return new Case(name, in, List.of(out), Tolerance.ulp(1.5), (k, i, o) -> k.pointwise().map(e, i, o));
    }

    /// Adam's shape: three numbers become three, in one pass, two of them in place.
    private static Case severalOutputs() {
        Expr g = Expr.input(0);
        Expr m = Expr.input(1).times(0.9).plus(g.times(0.1));
        Expr v = Expr.input(2).times(0.99).plus(g.times(g).times(0.01));
        Expr step = m.over(v.apply(UnaryFunction.SQRT).plus(1e-8)).times(Expr.input(3));
        int n = 1003;
        return new Case("several outputs", List.of(Operand.f32(n), Operand.f32(n).as(Layout.SCALAR)),
                List.of(Operand.out(DType.F32, n), Operand.f32(n), Operand.f32(n).with(Domain.POSITIVE)),
                Tolerance.ofLargest(16), (k, in, out) -> k.pointwise().map(List.of(step, m, v),
                        List.of(in.get(0), out.get(1), out.get(2), in.get(1)), out));
    }

    /// Lists of several lengths in one piece of work; one strided, of another type, or without elements takes all another
    /// way.
    private static List<Case> mapAll() {
        List<Case> cases = new ArrayList<>();
        for (int[] sizes : new int[][] {{1, 17, 1003}, {40_000, 5, 16_384}, {33, 0, 16}, {0, 0, 0}}) {
            cases.add(mapAll(sizes, DType.F32, Layout.PLAIN));
            cases.add(mapAll(sizes, DType.F32, Layout.STRIDED));
        }
        cases.add(mapAll(new int[] {3, 70, 9}, DType.F64, Layout.PLAIN));
        return cases;
    }

    private static Case mapAll(int[] sizes, DType type, Layout layout) {
        List<Operand> in = new ArrayList<>();
        List<Operand> out = new ArrayList<>();
        for (int n : sizes) {
            in.add(Operand.of(type, Domain.NORMAL, n));
            in.add(Operand.of(type, Domain.NORMAL, n).as(Layout.SCALAR));
            out.add(Operand.of(type, Domain.NORMAL, n).as(layout));
            out.add(Operand.out(type, n));
        }
        // The difference may be smaller than the product, whose rounding is what is left of it.
        Expr p = Expr.input(0).minus(Expr.input(1).times(Expr.input(2)));
        Expr square = Expr.input(1).times(Expr.input(1));
        return new Case("maps of " + java.util.Arrays.toString(sizes), in, out, Tolerance.ofLargest(8), (k, i, o) -> {
            List<List<View>> inputs = new ArrayList<>();
            List<List<View>> outputs = new ArrayList<>();
            for (int j = 0; j < sizes.length; j++) {
                inputs.add(List.of(o.get(2 * j), i.get(2 * j), i.get(2 * j + 1)));
                outputs.add(List.of(o.get(2 * j), o.get(2 * j + 1)));
            }
            return k.pointwise().mapAll(List.of(p, square), inputs, outputs);
        });
    }

    private static Case inPlace() {
        return new Case("in place", List.of(Operand.f32(5, 33).as(Layout.REPEAT_FIRST)),
                List.of(Operand.f32(5, 33).as(Layout.STRIDED)), Tolerance.ulp(1),
                (k, in, out) -> k.pointwise().map(List.of(Expr.input(0).times(Expr.input(1))),
                        List.of(out.getFirst(), in.getFirst()), out));
    }

    private static Case conversion(DType in, DType out) {
        Domain domain = in == DType.BOOL ? Domain.BITS
                : in == DType.U8 ? Domain.integers(0, 256)
                        : in.isFloating() ? (i, random) -> Domain.SPECIAL.value(i, random) * 100
                                : Domain.integers(-100_000, 1L << 31);
        return new Case("convert " + in + " to " + out, List.of(Operand.of(in, domain, 3, 70)),
                List.of(Operand.out(out, 3, 70)), Tolerance.EXACT,
                (k, i, o) -> k.pointwise().map(List.of(Expr.input(0)), i, o)).allowZeros();
    }

    private static List<Case> integers() {
        List<Case> cases = new ArrayList<>();
        for (DType type : new DType[] {DType.I64, DType.I32, DType.U8, DType.BOOL}) {
            Domain domain = type == DType.BOOL ? Domain.BITS : Domain.integers(type == DType.U8 ? 0 : -50, 120);
            Operand x = Operand.of(type, domain, 3, 41);
            Operand y = Operand.of(DType.I64, Domain.integers(1, 9), 3, 41).as(Layout.TRANSPOSED);
            for (BinaryFunction f : BinaryFunction.values()) {
                for (DType out : new DType[] {DType.I64, type}) {
                    cases.add(new Case("integer " + f, List.of(x, y), List.of(Operand.out(out, 3, 41)),
                            Tolerance.EXACT, (k, i, o) -> k.pointwise().map(
                                    List.of(Expr.input(0).apply(f, Expr.input(1))), i, o))
                            .allowZeros());
                }
            }
            for (UnaryFunction f : List.of(UnaryFunction.NEG, UnaryFunction.ABS, UnaryFunction.SIGN, UnaryFunction.NOT,
                    UnaryFunction.FLOOR)) {
                cases.add(new Case("integer " + f, List.of(x), List.of(Operand.out(DType.I64, 3, 41)),
                        Tolerance.EXACT, (k, i, o) -> k.pointwise().map(List.of(Expr.input(0).apply(f)), i, o)));
            }
        }
        return cases;
    }
}
