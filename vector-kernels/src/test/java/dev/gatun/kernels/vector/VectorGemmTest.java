package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.CacheSizes;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.MicroKernels;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.reference.ReferenceGemm;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against the definition. The caches are declared tiny, so that small matrices are cut into many blocks.
class VectorGemmTest {
    private static final CacheSizes TINY = new CacheSizes(1 << 10, 8 << 10, -1);
    private static final Threads ONE = Threads.of(1);
    private static final Threads THREE = Threads.of(3);
    private static final MicroKernels COMPILED = new MicroKernels();
    private static final VectorGemm FAST = new VectorGemm(ONE, 512, TINY, COMPILED);
    private final Random random = new Random(42);

    @AfterAll
    static void close() {
        ONE.close();
        THREE.close();
    }

    private View matrix(DType dtype, int[] dims, int... order) {
        int[] stored = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            stored[i] = dims[order[i]];
        }
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(8, (long) View.count(dims) * dtype.bytes()), 64);
        View view = View.of(memory, 0, dtype, stored);
        for (int i = 0; i < view.count(); i++) {
            view.setDouble(i, random.nextDouble() * 2 - 1);
        }
        int[] back = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            back[order[i]] = i;
        }
        return view.permute(back);
    }

    private View plain(DType dtype, int... dims) {
        int[] order = new int[dims.length];
        Arrays.setAll(order, i -> i);
        return matrix(dtype, dims, order);
    }

    private View turned(DType dtype, int rows, int columns) {
        return matrix(dtype, new int[] {rows, columns}, 1, 0);
    }

    /// Every third element of a matrix that is three times as wide.
    private View holes(DType dtype, int rows, int columns) {
        View wide = plain(dtype, rows, columns * 3);
        return wide.restride(0, new int[] {rows, columns}, new int[] {columns * 3, 3});
    }

    private static double at(View v, int... index) {
        long at = 0;
        for (int d = 0; d < index.length; d++) {
            at += (long) index[d] * v.stride(d);
        }
        return v.getDouble(at);
    }

    private static View copy(View v) {
        View c = View.of(
                Arena.ofAuto().allocate(Math.max(8, (long) v.count() * v.dtype().bytes()), 64), 0, v.dtype(), v.dims());
        int[] index = new int[v.rank()];
        for (int i = 0; i < v.count(); i++) {
            int rest = i;
            for (int d = v.rank() - 1; d >= 0; d--) {
                index[d] = rest % v.dim(d);
                rest /= v.dim(d);
            }
            c.setDouble(i, at(v, index));
        }
        return c;
    }

    private static void run(Call call) {
        call.run(Arena.ofAuto().allocate(Math.max(64, call.scratchBytes()), 64).fill((byte) 0xFF));
    }

    private void compare(VectorGemm fast, double alpha, View a, View b, double beta, View c, Epilogue epilogue) {
        View expected = copy(c);
        List<View> extras = epilogue.extras().stream().map(e -> e == c ? expected : e).toList();
        new ReferenceGemm().gemm(alpha, a, b, beta, expected, new Epilogue(epilogue.expr(), extras))
                .run(MemorySegment.NULL);
        run(fast.gemm(alpha, a, b, beta, c, epilogue));
        near(copy(c), expected, a.dim(a.rank() - 1));
    }

    private static void near(View actual, View expected, int k) {
        double eps = expected.dtype() == DType.F32 ? 6e-8 : 1.2e-16;
        for (int i = 0; i < expected.count(); i++) {
            double e = expected.getDouble(i);
            // Terms are at most 1 in magnitude, the epilogues here at most triple the result.
            assertThat(Math.abs(actual.getDouble(i) - e))
                    .as("element %d: %s, expected %s", i, actual.getDouble(i), e)
                    .isLessThanOrEqualTo(12 * eps * (Math.sqrt(k) * Math.sqrt(k + 1) + 4));
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F64"})
    void sizesAroundTheTiles(DType dtype) {
        int[] sizes = {0, 1, 2, 5, 6, 15, 16, 17, 33, 64, 65, 131};
        for (int m : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 11, 16, 41, 67}) {
            for (int n : sizes) {
                for (int k : new int[] {0, 1, 2, 7, 16, 65, 150}) {
                    compare(FAST, 1, plain(dtype, m, k), plain(dtype, k, n), 0, plain(dtype, m, n), Epilogue.NONE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void widths(int bits) {
        VectorGemm fast = new VectorGemm(ONE, bits, TINY, COMPILED);
        for (int n : new int[] {1, 3, 4, 9, 31, 64, 100}) {
            compare(
                    fast, 1, plain(DType.F32, 45, 70), plain(DType.F32, 70, n), 1, plain(DType.F32, 45, n),
                    Epilogue.NONE);
        }
    }

    @Test
    void transposesAndStrides() {
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            for (int[] s : new int[][] {{3, 5, 7}, {37, 41, 29}, {64, 80, 150}, {1, 50, 33}, {50, 1, 33},
                {50, 33, 1}}) {
                int m = s[0];
                int n = s[1];
                int k = s[2];
                for (View a : List.of(plain(dtype, m, k), turned(dtype, m, k), holes(dtype, m, k))) {
                    for (View b : List.of(plain(dtype, k, n), turned(dtype, k, n), holes(dtype, k, n))) {
                        for (View c : List.of(plain(dtype, m, n), turned(dtype, m, n), holes(dtype, m, n))) {
                            compare(FAST, 1, a, b, 0.5, c, Epilogue.NONE);
                        }
                    }
                }
            }
        }
    }

    @Test
    void alphaAndBeta() {
        for (double alpha : new double[] {0, 1, -0.75}) {
            for (double beta : new double[] {0, 1, -0.5}) {
                for (int k : new int[] {0, 3, 200}) {
                    compare(
                            FAST, alpha, plain(DType.F32, 47, k), plain(DType.F32, k, 70), beta,
                            plain(DType.F32, 47, 70), Epilogue.NONE);
                }
            }
        }
    }

    @Test
    void oldValuesDoNotMatterWithBetaZero() {
        View c = plain(DType.F32, 50, 70);
        for (int i = 0; i < c.count(); i++) {
            c.setDouble(i, Double.NaN);
        }
        compare(FAST, 1, plain(DType.F32, 50, 200), plain(DType.F32, 200, 70), 0, c, Epilogue.NONE);
    }

    @Test
    void epilogues() {
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            for (int[] s : new int[][] {{7, 20, 9}, {45, 70, 10}, {45, 70, 200}, {1, 70, 30}, {70, 1, 30}}) {
                int m = s[0];
                int n = s[1];
                int k = s[2];
                View a = plain(dtype, m, k);
                View b = plain(dtype, k, n);
                View perColumn = plain(dtype, n).expand(m, n);
                View perRow = plain(dtype, m, 1).expand(m, n);
                View one = plain(dtype, 1).expand(m, n);
                View full = plain(dtype, m, n);
                View holes = holes(dtype, m, n);
                Expr x = Expr.input(0);
                Expr y = Expr.input(1);
                Expr relu = x.plus(y).max(Expr.constant(0));
                for (View c : List.of(plain(dtype, m, n), turned(dtype, m, n), holes(dtype, m, n))) {
                    for (View e : List.of(perColumn, perRow, one, full, holes, c)) {
                        compare(FAST, 1, a, b, 0, c, new Epilogue(relu, List.of(e)));
                        compare(FAST, 0.5, a, b, 0.25, c, new Epilogue(relu, List.of(e)));
                    }
                    Expr three = Expr.fma(x, y, Expr.input(2)).plus(Expr.input(3));
                    compare(FAST, 1, a, b, 1, c, new Epilogue(three, List.of(perRow, perColumn, full)));
                    if (dtype == DType.F32) {
                        Expr tanh = x.plus(y).apply(UnaryFunction.TANH);
                        compare(FAST, 1, a, b, 0, c, new Epilogue(tanh, List.of(perColumn)));
                        compare(FAST, 1, a, b, 0, c, new Epilogue(tanh, List.of(c)));
                    }
                }
            }
        }
    }

    @Test
    void batches() {
        for (int[] s : new int[][] {{4, 9, 20, 3}, {50, 70, 40, 2}, {1, 8, 8, 5}}) {
            int m = s[0];
            int n = s[1];
            int k = s[2];
            View a = plain(DType.F32, 2, s[3], m, k);
            View b = plain(DType.F32, s[3], k, n).expand(2, s[3], k, n);
            View bias = plain(DType.F32, s[3], 1, n).expand(2, s[3], m, n);
            Epilogue plus = new Epilogue(Expr.input(0).plus(Expr.input(1)), List.of(bias));
            compare(FAST, 1, a, b, 1, plain(DType.F32, 2, s[3], m, n), plus);
            View turned = matrix(DType.F32, new int[] {2, s[3], m, n}, 1, 0, 3, 2);
            compare(new VectorGemm(THREE, 512, TINY, COMPILED), 1, a, b, 0, turned, plus);
        }
    }

    @Test
    void packed() {
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            for (int n : new int[] {0, 1, 16, 50, 130}) {
                for (int k : new int[] {0, 1, 30, 200}) {
                    for (View b : List.of(plain(dtype, k, n), turned(dtype, k, n), holes(dtype, k, n))) {
                        long bytes = FAST.packedBytes(dtype, k, n);
                        PackedMatrix packed = FAST.pack(b, Arena.ofAuto().allocate(Math.max(64, bytes), 64));
                        View bias = plain(dtype, n);
                        List<byte[]> firstRow = new ArrayList<>();
                        View a = plain(dtype, 23, k);
                        for (int m : new int[] {1, 4, 23}) {
                            View c = plain(dtype, m, n);
                            View part = a.restride(0, new int[] {m, k}, new int[] {k, 1});
                            Epilogue plus =
                                    new Epilogue(Expr.input(0).plus(Expr.input(1)), List.of(bias.expand(m, n)));
                            View expected = copy(c);
                            new ReferenceGemm().gemm(1, part, b, 0, expected, plus).run(MemorySegment.NULL);
                            run(FAST.gemm(1, part, packed, c, plus));
                            near(c, expected, k);
                            firstRow.add(c.segment().asSlice(0, (long) n * dtype.bytes()).toArray(JAVA_BYTE));
                        }
                        assertThat(firstRow.get(1)).isEqualTo(firstRow.get(0));
                        assertThat(firstRow.get(2)).isEqualTo(firstRow.get(0));
                    }
                }
            }
        }
    }

    @Test
    void bitsDoNotDependOnThreads() {
        for (int[] s : new int[][] {{130, 150, 170}, {5, 300, 400}, {300, 5, 400}, {300, 1, 400}, {16, 16, 16}}) {
            View a = plain(DType.F32, s[0], s[2]);
            View b = plain(DType.F32, s[2], s[1]);
            View c1 = plain(DType.F32, s[0], s[1]);
            run(FAST.gemm(1, a, b, 0, c1, Epilogue.NONE));
            for (int t : new int[] {2, 3, 7}) {
                try (Threads threads = Threads.of(t)) {
                    View c = plain(DType.F32, s[0], s[1]);
                    Call call = new VectorGemm(threads, 512, TINY, COMPILED).gemm(1, a, b, 0, c, Epilogue.NONE);
                    for (int i = 0; i < 20; i++) {
                        run(call);
                        assertThat(c.segment().mismatch(c1.segment())).as("%d threads", t).isEqualTo(-1);
                    }
                }
            }
        }
    }
}
