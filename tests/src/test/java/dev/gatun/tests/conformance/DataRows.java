package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import java.util.ArrayList;
import java.util.List;

/// Copies, indexed reads and writes, sorting, random numbers: all to the bit.
final class DataRows {
    private DataRows() {
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("copy", List.of("CopyKernels.copy(View, View)"), copies()));
        rows.add(new Row("fill", List.of("CopyKernels.fill(View, double)"), fills()));
        rows.add(new Row("gather", List.of("IndexKernels.gather(View, View, View, int)"), gathers(false)));
        rows.add(new Row("scatterAdd", List.of("IndexKernels.scatterAdd(View, View, View, int)"), gathers(true)));
        rows.add(new Row("indexSelect", List.of("IndexKernels.indexSelect(View, View, View, int)"), slices(false)));
        rows.add(new Row("indexAdd", List.of("IndexKernels.indexAdd(View, View, View, int)"), slices(true)));
        rows.add(new Row("sort", List.of("IndexKernels.sort(View, View, View, int, boolean)"), sorts()));
        rows.add(new Row("random", List.of("RandomKernels.uniform(long, long, View, double, double)",
                "RandomKernels.normal(long, long, View, double, double)",
                "RandomKernels.bernoulli(long, long, View, double, double)",
                "RandomKernels.integers(long, long, View, long, long)"), randoms()));
        return rows;
    }

    private static Domain numbers(DType type) {
        return switch (type) {
            case F32, F64 -> Domain.SPECIAL;
            case BOOL -> Domain.BITS;
            case I64, I32 -> Domain.integers(-1L << 31, 1L << 31);
            case U8 -> Domain.integers(0, 256);
        };
    }

    private static List<Case> copies() {
        List<Case> cases = new ArrayList<>();
        for (DType type : DType.values()) {
            for (Layout from : Layout.values()) {
                for (Layout to : Layout.values()) {
                    if (!to.repeats()) {
                        cases.add(copy(Operand.of(type, numbers(type), 3, 17, 33).as(from), to));
                    }
                }
            }
            for (int n : new int[] {0, 1, 15, 16, 17, 63, 64, 65}) {
                cases.add(copy(Operand.of(type, numbers(type), n, n).as(Layout.TRANSPOSED), Layout.PLAIN));
            }
            cases.add(copy(Operand.of(type, numbers(type)), Layout.PLAIN));
            // Short rows of whole vectors.
            for (int n : new int[] {64, 192}) {
                cases.add(copy(Operand.of(type, numbers(type), 5, n).as(Layout.ROWS), Layout.PLAIN));
                cases.add(copy(Operand.of(type, numbers(type), 70, n).as(Layout.ROWS), Layout.PLAIN));
                cases.add(copy(Operand.of(type, numbers(type), 3, n, 7), Layout.PLAIN));
                cases.add(copy(Operand.of(type, numbers(type), 5, n), Layout.ROWS));
                cases.add(copy(Operand.of(type, numbers(type), 2, n, 3, 4).as(Layout.CHANNELS_LAST),
                        Layout.SPACED_PIXELS));
            }
        }
        cases.add(copy(Operand.f32(513, 257).as(Layout.TRANSPOSED), Layout.PLAIN));
        cases.add(copy(Operand.f32(2, 3, 2, 5, 3, 7).as(Layout.STRIDED), Layout.TRANSPOSED));
        return cases;
    }

    private static Case copy(Operand in, Layout to) {
        return new Case("copy", List.of(in), List.of(Operand.out(in.dtype(), in.dims()).as(to)), Tolerance.EXACT,
                (k, i, o) -> k.copy().copy(i.getFirst(), o.getFirst())).allowZeros();
    }

    private static List<Case> fills() {
        List<Case> cases = new ArrayList<>();
        for (DType type : DType.values()) {
            for (Layout to : new Layout[] {Layout.PLAIN, Layout.SHIFTED, Layout.TRANSPOSED, Layout.STRIDED}) {
                for (double value : new double[] {0, 1, -1.5, 300, Double.NaN}) {
                    cases.add(new Case("fill " + value, List.of(), List.of(Operand.out(type, 5, 33).as(to)),
                            Tolerance.EXACT, (k, _, o) -> k.copy().fill(o.getFirst(), value)).allowZeros());
                }
            }
        }
        return cases;
    }

    private static List<Case> gathers(boolean scatter) {
        List<Case> cases = new ArrayList<>();
        for (DType type : new DType[] {DType.F32, DType.F64, DType.I64, DType.I32}) {
            Domain domain = type.isFloating() ? Domain.NORMAL : Domain.integers(-100, 100);
            for (DType index : new DType[] {DType.I64, DType.I32}) {
                for (int dim = 0; dim < 3; dim++) {
                    int[] table = {5, 9, 17};
                    int[] picked = {4, 8, 16};
                    picked[dim] = 23;
                    Layout layout = dim == 1 ? Layout.STRIDED : Layout.PLAIN;
                    cases.add(gather(scatter, Operand.of(type, domain, table).as(layout),
                            Operand.of(index, Domain.integers(0, table[dim]), picked),
                            Operand.of(type, domain, picked), dim));
                }
            }
        }
        cases.add(gather(scatter, Operand.f32(4, 3), Operand.of(DType.I64, Domain.integers(0, 3), 4, 0),
                Operand.f32(4, 0), 1));
        return cases;
    }

    private static Case gather(boolean scatter, Operand table, Operand index, Operand picked, int dim) {
        return new Case((scatter ? "scatterAdd" : "gather") + " dim " + dim,
                List.of(scatter ? picked : table, index), List.of(scatter ? table : picked), Tolerance.EXACT,
                (k, in, out) -> scatter
                        ? k.index().scatterAdd(in.get(0), in.get(1), out.getFirst(), dim)
                        : k.index().gather(in.get(0), in.get(1), out.getFirst(), dim));
    }

    private static List<Case> slices(boolean add) {
        List<Case> cases = new ArrayList<>();
        for (DType type : new DType[] {DType.F32, DType.F64, DType.I64}) {
            Domain domain = type.isFloating() ? Domain.NORMAL : Domain.integers(-100, 100);
            for (int n : new int[] {0, 1, 7, 40}) {
                for (int dim = 0; dim < 3; dim++) {
                    int[] table = {6, 5, 33};
                    int[] picked = table.clone();
                    picked[dim] = n;
                    Operand big = Operand.of(type, domain, table).as(dim == 2 ? Layout.TRANSPOSED : Layout.PLAIN);
                    Operand small = Operand.of(type, domain, picked);
                    Operand index = Operand.of(n == 7 ? DType.I32 : DType.I64, Domain.integers(0, table[dim]), n);
                    int along = dim;
                    cases.add(new Case((add ? "indexAdd" : "indexSelect") + " dim " + dim,
                            List.of(add ? small : big, index), List.of(add ? big : small), Tolerance.EXACT,
                            (k, in, out) -> add
                                    ? k.index().indexAdd(in.get(0), in.get(1), out.getFirst(), along)
                                    : k.index().indexSelect(in.get(0), in.get(1), out.getFirst(), along)));
                }
            }
        }
        return cases;
    }

    private static List<Case> sorts() {
        List<Case> cases = new ArrayList<>();
        for (DType type : new DType[] {DType.F32, DType.F64, DType.I64, DType.U8}) {
            Domain domain = type.isFloating() ? Domain.SPECIAL : Domain.integers(0, 9);
            for (boolean descending : new boolean[] {false, true}) {
                for (int n : new int[] {0, 1, 2, 17, 100}) {
                    for (int top : new int[] {n, Math.min(n, 3)}) {
                        cases.add(new Case("sort" + (descending ? " descending" : ""),
                                List.of(Operand.of(type, domain, 3, n, 2)),
                                List.of(Operand.out(type, 3, top, 2), Operand.out(DType.I64, 3, top, 2)),
                                Tolerance.EXACT,
                                (k, in, out) -> k.index().sort(in.getFirst(), out.get(0), out.get(1), 1,
                                        descending))
                                .allowZeros());
                    }
                }
            }
        }
        return cases;
    }

    private static List<Case> randoms() {
        List<Case> cases = new ArrayList<>();
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            for (Layout layout : new Layout[] {Layout.PLAIN, Layout.TRANSPOSED, Layout.STRIDED}) {
                for (long offset : new long[] {0, 1, 2, 3, 1_000_003}) {
                    cases.add(random("uniform", type, layout,
                            (k, _, o) -> k.random().uniform(42, offset, o.getFirst(), -1, 3)));
                    cases.add(random("normal", type, layout,
                            (k, _, o) -> k.random().normal(42, offset, o.getFirst(), 1, 2)));
                    cases.add(random("bernoulli", type, layout,
                            (k, _, o) -> k.random().bernoulli(42, offset, o.getFirst(), 0.8, 1.25)));
                }
            }
        }
        for (DType type : new DType[] {DType.I64, DType.I32, DType.U8}) {
            cases.add(random("integers", type, Layout.PLAIN,
                    (k, _, o) -> k.random().integers(-7, 5, o.getFirst(), 3, 200)));
        }
        cases.add(random("bernoulli", DType.BOOL, Layout.PLAIN,
                (k, _, o) -> k.random().bernoulli(1, 0, o.getFirst(), 0.5, 1)));
        return cases;
    }

    private static Case random(String name, DType type, Layout layout, Case.Binding binding) {
        return new Case(name, List.of(), List.of(Operand.out(type, 7, 1009).as(layout)), Tolerance.EXACT, binding);
    }
}
