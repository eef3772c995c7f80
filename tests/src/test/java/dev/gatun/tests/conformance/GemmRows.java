package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.tests.Epilogues;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Matrix products: all edges of the register tile and the cache blocks, all operand layouts, skinny shapes, batches.
final class GemmRows {
    /// Around the widths of vectors and tiles (16 lanes; 4, 5 and 6 rows), and primes.
    private static final int[] EDGES = {1, 2, 5, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65};
    private static final int[][] SHAPES = {{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {97, 101, 89}, {6, 300, 770},
        {130, 70, 257}, {1, 768, 768}, {4, 768, 300}, {8, 100, 513}, {16, 65, 129}, {200, 1, 33}, {300, 40, 1},
        {1, 300, 1}};

    private GemmRows() {
    }

    static List<Row> rows() {
        return List.of(
                new Row("gemm", List.of("GemmKernels.gemm(double, View, View, double, View, Epilogue)"), plain()),
                new Row("gemm packed", List.of("GemmKernels.gemm(double, View, PackedMatrix, View, Epilogue)",
                        "GemmKernels.pack(View, MemorySegment)", "GemmKernels.packedBytes(DType, int, int)"),
                        packed()));
    }

    private static List<Case> plain() {
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < EDGES.length; i++) {
            // Each size meets every other in two of the three places, without a case per triple.
            for (int j = 0; j < EDGES.length; j++) {
                int k = EDGES[(i + j) % EDGES.length];
                cases.add(gemm(DType.F32, EDGES[i], k, EDGES[j], Layout.PLAIN, Layout.PLAIN, Layout.PLAIN, 1, 0));
            }
        }
        for (int[] s : SHAPES) {
            cases.add(gemm(DType.F32, s[0], s[1], s[2], Layout.PLAIN, Layout.PLAIN, Layout.PLAIN, 1, 0));
        }
        Layout[] layouts = {Layout.SHIFTED, Layout.ROWS, Layout.TRANSPOSED, Layout.STRIDED, Layout.REPEAT_FIRST,
            Layout.REPEAT_LAST};
        for (Layout a : layouts) {
            for (Layout b : layouts) {
                Layout c = a.repeats() ? Layout.TRANSPOSED : a;
                cases.add(gemm(DType.F32, 19, 37, 53, a, b, c, -1.5, 0.5));
                cases.add(gemm(DType.F32, 1, 65, 70, a, b, c, 2, -1));
                cases.add(gemm(DType.F32, 70, 65, 1, a, b, c, 1, 1));
            }
        }
        for (int n : new int[] {0, 1, 7, 8, 9, 33, 65}) {
            cases.add(gemm(DType.F64, n, 17, n + 1, Layout.PLAIN, Layout.TRANSPOSED, Layout.PLAIN, 1, 0));
            cases.add(gemm(DType.F64, 5, n, 12, Layout.STRIDED, Layout.PLAIN, Layout.ROWS, -2, 3));
        }
        cases.add(batched(new int[] {3}, Layout.PLAIN, Layout.PLAIN, 17, 9, 33));
        cases.add(batched(new int[] {2, 3}, Layout.REPEAT_FIRST, Layout.PLAIN, 5, 16, 31));
        cases.add(batched(new int[] {4}, Layout.PLAIN, Layout.REPEAT_FIRST, 1, 64, 65));
        cases.add(batched(new int[] {2, 2}, Layout.STRIDED, Layout.TRANSPOSED, 7, 11, 13));
        cases.add(batched(new int[] {0}, Layout.PLAIN, Layout.PLAIN, 7, 11, 13));
        cases.addAll(epilogues(false));
        cases.add(special());
        return cases;
    }

    private static List<Case> packed() {
        List<Case> cases = new ArrayList<>();
        for (int m : new int[] {0, 1, 2, 4, 5, 6, 8, 13, 16, 31, 65}) {
            for (int n : new int[] {1, 15, 16, 17, 48, 64, 65, 129}) {
                cases.add(packed(DType.F32, m, 67, n, Layout.PLAIN, Layout.PLAIN, 1));
            }
        }
        for (int k : new int[] {0, 1, 2, 3, 255, 256, 257, 400, 770}) {
            cases.add(packed(DType.F32, 7, k, 35, Layout.PLAIN, Layout.TRANSPOSED, -0.5));
        }
        for (Layout l : new Layout[] {Layout.SHIFTED, Layout.ROWS, Layout.TRANSPOSED, Layout.STRIDED}) {
            cases.add(packed(DType.F32, 9, 33, 50, l, l, 1));
        }
        cases.add(packed(DType.F64, 9, 33, 50, Layout.PLAIN, Layout.PLAIN, 1));
        cases.add(packed(DType.F32, 97, 300, 331, Layout.PLAIN, Layout.PLAIN, 1));
        cases.addAll(epilogues(true));
        return cases;
    }

    private static Case gemm(
            DType type, int m, int k, int n, Layout a, Layout b, Layout c, double alpha, double beta) {
        List<Operand> in = List.of(Operand.f32(m, k).of(type).as(a), Operand.f32(k, n).of(type).as(b));
        Operand out = Operand.f32(m, n).of(type).as(c).with(beta == 0 ? Domain.GARBAGE : Domain.NORMAL);
        Case made = new Case("gemm " + alpha + ", " + beta, in, List.of(out), Tolerance.terms(k),
                (kernels, x, y) -> kernels.gemm().gemm(alpha, x.get(0), x.get(1), beta, y.get(0), Epilogue.NONE))
                .magnitude((kernels, x, y) -> kernels.gemm().gemm(Math.abs(alpha), x.get(0), x.get(1),
                        Math.abs(beta), y.get(0), Epilogue.NONE));
        return k == 0 && beta == 0 ? made.allowZeros() : made;
    }

    private static Case batched(int[] batch, Layout a, Layout b, int m, int k, int n) {
        List<Operand> in = List.of(Operand.f32(join(batch, m, k)).as(a), Operand.f32(join(batch, k, n)).as(b));
        return new Case("gemm batched", in, List.of(Operand.out(DType.F32, join(batch, m, n))), Tolerance.terms(k),
                (kernels, x, y) -> kernels.gemm().gemm(1, x.get(0), x.get(1), 0, y.get(0), Epilogue.NONE));
    }

    private static int[] join(int[] batch, int rows, int columns) {
        int[] dims = java.util.Arrays.copyOf(batch, batch.length + 2);
        dims[batch.length] = rows;
        dims[batch.length + 1] = columns;
        return dims;
    }

    private static Case packed(DType type, int m, int k, int n, Layout a, Layout b, double alpha) {
        List<Operand> in = List.of(Operand.f32(m, k).of(type).as(a), Operand.f32(k, n).of(type).as(b));
        Case made = new Case("packed " + alpha, in, List.of(Operand.out(type, m, n)), Tolerance.terms(k),
                (kernels, x, y) -> kernels.gemm().gemm(alpha, x.get(0), pack(kernels, x.get(1)), y.get(0),
                        Epilogue.NONE))
                .magnitude((kernels, x, y) -> kernels.gemm().gemm(Math.abs(alpha), x.get(0),
                        x.get(1), 0, y.get(0), Epilogue.NONE));
        return k == 0 ? made.allowZeros() : made;
    }

    /// Bias per column and per row, residual in place, a bounded activation: all at most doubling the error.
    private static List<Case> epilogues(boolean pack) {
        List<Case> cases = new ArrayList<>();
        Expr value = Expr.input(0);
        Expr relu = value.plus(Expr.input(1)).max(Expr.constant(0));
        for (int[] s : new int[][] {{1, 20, 17}, {5, 64, 16}, {13, 33, 47}, {33, 300, 65}, {65, 7, 130}}) {
            cases.add(epilogue(pack, "bias per column, relu", relu, Layout.REPEAT_FIRST, false, s));
            cases.add(epilogue(pack, "bias per row, relu", relu, Layout.REPEAT_LAST, false, s));
            cases.add(epilogue(pack, "residual", value.plus(Expr.input(1)), Layout.PLAIN, false, s));
            cases.add(epilogue(pack, "residual in place", value.plus(Expr.input(1)), Layout.PLAIN, true, s));
            cases.add(epilogue(pack, "bias, tanh", value.plus(Expr.input(1)).apply(UnaryFunction.TANH),
                    Layout.REPEAT_FIRST, false, s));
            cases.add(epilogue(pack, "residual in place, tanh", value.plus(Expr.input(1)).apply(UnaryFunction.TANH),
                    Layout.PLAIN, true, s));
            cases.add(epilogue(pack, "largest of many", Epilogues::largest, Layout.PLAIN, false, s));
        }
        return cases;
    }

    private static Case epilogue(boolean pack, String name, Expr expr, Layout extra, boolean inPlace, int[] s) {
        return epilogue(pack, name, v -> new Epilogue(expr, List.of(v)), extra, inPlace, s);
    }

    private static Case epilogue(
            boolean pack, String name, Function<View, Epilogue> of, Layout extra, boolean inPlace, int[] s) {
        List<Operand> in = List.of(Operand.f32(s[0], s[1]), Operand.f32(s[1], s[2]),
                Operand.f32(s[0], s[2]).as(extra));
        Operand out = inPlace ? Operand.f32(s[0], s[2]) : Operand.out(DType.F32, s[0], s[2]);
        Expr sum = Expr.input(0).plus(Expr.input(1));
        return new Case((pack ? "packed, " : "gemm, ") + name, in, List.of(out), Tolerance.terms(s[1]),
                (kernels, x, y) -> {
                    Epilogue e = of.apply(inPlace ? y.get(0) : x.get(2));
                    return pack
                            ? kernels.gemm().gemm(1, x.get(0), pack(kernels, x.get(1)), y.get(0), e)
                            : kernels.gemm().gemm(1, x.get(0), x.get(1), 0, y.get(0), e);
                }).magnitude((kernels, x, y) -> kernels.gemm().gemm(1, x.get(0), x.get(1), 0, y.get(0),
                        new Epilogue(sum, List.of(inPlace ? y.get(0) : x.get(2)))))
                .allowZeros();
    }

    /// NaN and ∞ in a row of A reach that row of C and no other: C is compared as it is.
    private static Case special() {
        List<Operand> in = List.of(Operand.f32(40, 19).with(Domain.SOME_NAN), Operand.f32(19, 21));
        return new Case("gemm with NaN", in, List.of(Operand.out(DType.F32, 40, 21)), Tolerance.terms(19),
                (kernels, x, y) -> kernels.gemm().gemm(1, x.get(0), x.get(1), 0, y.get(0), Epilogue.NONE));
    }

    private static PackedMatrix pack(Kernels kernels, View b) {
        long bytes = kernels.gemm().packedBytes(b.dtype(), b.dim(0), b.dim(1));
        return kernels.gemm().pack(b, Arena.ofAuto().allocate(bytes, 64));
    }
}
