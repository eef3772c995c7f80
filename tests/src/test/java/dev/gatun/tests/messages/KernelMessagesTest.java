package dev.gatun.tests.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.tests.Links;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What the kernels say about operands that do not fit, word for word, from both implementations, before anything is
/// written.
class KernelMessagesTest {
    private static final ConvSpec PLAIN = ConvSpec.of(1, 0, 1, 1);
    private static final PoolSpec PAIRS = new PoolSpec(Windows.fixed(4, 2, 2, 0, 1, false),
            Windows.fixed(4, 2, 2, 0, 1, false), true);

    private record Bad(String name, Class<? extends Exception> type, String message, Function<Kernels, Call> work) {
    }

    @TestFactory
    Stream<DynamicTest> refused() {
        Threads threads = Threads.of(1);
        return Stream.of(Kernels.reference(), Kernels.best(threads)).flatMap(k -> all().stream().map(
                bad -> DynamicTest.dynamicTest(k.name() + ": " + bad.name(), () -> {
                    Throwable thrown = catchThrowable(() -> {
                        Call call = bad.work().apply(k);
                        call.run(Arena.ofAuto().allocate(call.scratchBytes() + 64, 64));
                    });
                    assertThat(thrown).isExactlyInstanceOf(bad.type()).hasMessage(bad.message());
                })));
    }

    private static List<Bad> all() {
        List<Bad> all = new ArrayList<>();
        gemm(all);
        convolution(all);
        elementwise(all);
        layers(all);
        indexed(all);
        return all;
    }

    private static void add(List<Bad> all, String name, String message, Function<Kernels, Call> work) {
        all.add(new Bad(name, IllegalArgumentException.class, message, work));
    }

    private static void gemm(List<Bad> all) {
        add(all, "inner sizes",
                "gemm: A [m, k] · B [k, n] → C [m, n] do not fit: [2, 3] · [4, 5] → [2, 5]",
                k -> k.gemm().gemm(1, f32(2, 3), f32(4, 5), 0, f32(2, 5), Epilogue.NONE));
        add(all, "batches",
                "gemm: leading dims must be the same (expand to broadcast): [3, 2, 2] · [4, 2, 2] → [3, 2, 2]",
                k -> k.gemm().gemm(1, f32(3, 2, 2), f32(4, 2, 2), 0, f32(3, 2, 2), Epilogue.NONE));
        add(all, "rank", "gemm: A, B and C need the same number of dims, at least 2: [2] · [2, 2] → [2, 2]",
                k -> k.gemm().gemm(1, f32(2), f32(2, 2), 0, f32(2, 2), Epilogue.NONE));
        add(all, "types", "gemm: element types must be the same: F32[2, 2] and F64[2, 2]; convert one of them first",
                k -> k.gemm().gemm(1, of(DType.F64, 2, 2), f32(2, 2), 0, f32(2, 2), Epilogue.NONE));
        add(all, "integers", "gemm: the element type must be F32 or F64: I32[2, 2]; convert it first",
                k -> k.gemm().gemm(1, f32(2, 2), f32(2, 2), 0, of(DType.I32, 2, 2), Epilogue.NONE));
        add(all, "epilogue operand", "gemm: the expression reads input 1, but there are 1 operands: " + Expr.input(1),
                k -> k.gemm().gemm(1, f32(2, 2), f32(2, 2), 0, f32(2, 2), new Epilogue(Expr.input(1), List.of())));
        add(all, "epilogue shape", "gemm: epilogue extra 0 must have the result's shape and type (expand to broadcast):"
                + " F32[2] and F32[2, 2]",
                k -> k.gemm().gemm(1, f32(2, 2), f32(2, 2), 0, f32(2, 2),
                        new Epilogue(Expr.input(0).plus(Expr.input(1)), List.of(f32(2)))));
        add(all, "epilogue operands", "epilogue: at most 15 extras: 16; compute the rest apart",
                k -> k.gemm().gemm(1, f32(2, 2), f32(2, 2), 0, f32(2, 2),
                        new Epilogue(Expr.input(0), Collections.nCopies(16, f32(2, 2)))));
        add(all, "repeated output",
                "gemm: the output must not repeat elements: shape [2, 2], strides [0, 1]; write to a"
                        + " copy",
                k -> k.gemm().gemm(1, f32(2, 2), f32(2, 2), 0, f32(1, 2).expand(2, 2), Epilogue.NONE));
    }

    private static ConvLink link(Kernels k, ConvSpec spec, View w) {
        return Links.packed(k, spec, w, Epilogue.NONE);
    }

    private static void convolution(List<Bad> all) {
        add(all, "channels",
                "conv: the channels of x must be those of w times the groups: x [1, 3, 4, 4], w [2, 4, 3, 3],"
                        + " groups 1",
                k -> k.conv().forward(PLAIN, f32(1, 3, 4, 4), f32(2, 4, 3, 3), f32(1, 2, 2, 2),
                        Epilogue.NONE));
        add(all, "too small", "conv: the filter does not fit into the padded input: x [1, 3, 2, 2], w [2, 3, 3, 3], "
                + PLAIN,
                k -> k.conv().forward(PLAIN, f32(1, 3, 2, 2), f32(2, 3, 3, 3), f32(1, 2, 0, 0), Epilogue.NONE));
        add(all, "output", "conv: y must have shape [1, 2, 2, 2]: [1, 2, 3, 3]",
                k -> k.conv().forward(PLAIN, f32(1, 3, 4, 4), f32(2, 3, 3, 3), f32(1, 2, 3, 3), Epilogue.NONE));
        add(all, "groups", "conv: the output channels must be a multiple of the groups: w [3, 1, 1, 1], groups 2",
                k -> k.conv().forward(ConvSpec.of(1, 0, 1, 2), f32(1, 2, 4, 4), f32(3, 1, 1, 1), f32(1, 3, 4, 4),
                        Epilogue.NONE));
        add(all, "image not contiguous", "conv: x must be contiguous in its last two dims: F32[1, 1, 4, 3] strides"
                + " [12, 12, 1, 4]; copy it first",
                k -> k.conv().forward(PLAIN, f32(1, 1, 3, 4).permute(0, 1, 3, 2), f32(1, 1, 1, 1), f32(1, 1, 4, 3),
                        Epilogue.NONE));
        add(all, "algorithm", "conv: WINOGRAD_4 needs 3×3 filters of at least one channel, stride 1 and dilation 1: "
                + "w [2, 3, 1, 1], " + PLAIN,
                k -> k.conv().forward(PLAIN, f32(1, 3, 4, 4), f32(2, 3, 1, 1), f32(1, 2, 4, 4), Epilogue.NONE,
                        ConvAlgorithm.WINOGRAD_4));
        add(all, "no chain", "convChain: the links must be one filter per channel and a 1×1, or a 1×1 before these two:"
                + " [packed [2, 3, 3, 3] " + PLAIN + "]; run them one by one",
                k -> k.conv().chain(f32(1, 3, 4, 4), List.of(link(k, PLAIN, f32(2, 3, 3, 3))), f32(1, 2, 2, 2)));
        ConvSpec each = ConvSpec.of(1, 1, 1, 16);
        add(all, "chain of other channels", "convChain: the channels must be those of the weights times the groups:"
                + " [1, 16, 4, 4] and packed [4, 32, 1, 1] " + PLAIN,
                k -> k.conv().chain(f32(1, 16, 4, 4), List.of(
                        link(k, each, f32(16, 1, 3, 3)), link(k, PLAIN, f32(4, 32, 1, 1))), f32(1, 4, 4, 4)));
        add(all, "chain to another shape", "convChain: y must have shape [1, 4, 4, 4]: [1, 4, 3, 4]",
                k -> k.conv().chain(f32(1, 16, 4, 4), List.of(
                        link(k, each, f32(16, 1, 3, 3)), link(k, PLAIN, f32(4, 16, 1, 1))), f32(1, 4, 3, 4)));
        add(all, "gradient shape", "convDataGradient: y must have shape [1, 2, 2, 2]: [1, 2, 2, 3]",
                k -> k.conv().dataGradient(PLAIN, f32(1, 2, 2, 3), f32(2, 3, 3, 3), f32(1, 3, 4, 4)));
        add(all, "stride 0", "conv: stride, dilation and groups must be at least 1: stride 0×0, dilation 1×1, groups 1",
                _ -> {
                    ConvSpec.of(0, 0, 1, 1);
                    throw new AssertionError("accepted");
                });
    }

    private static void elementwise(List<Bad> all) {
        add(all, "shapes", "pointwise: input 0 and output 0 must have the same shape: [2, 3] and [3, 2]",
                k -> k.pointwise().map(List.of(Expr.input(0)), List.of(f32(2, 3)), List.of(f32(3, 2))));
        add(all, "missing operand",
                "pointwise: the expression reads input 1, but there are 1 operands: " + Expr.input(1),
                k -> k.pointwise().map(List.of(Expr.input(1)), List.of(f32(2)), List.of(f32(2))));
        add(all, "function of integers", "pointwise: not defined for integers: EXP; convert to F32 or F64 first",
                k -> k.pointwise().map(List.of(Expr.input(0).apply(UnaryFunction.EXP)), List.of(of(DType.I64, 2)),
                        List.of(of(DType.I64, 2))));
        add(all, "fraction among integers", "pointwise: among integers the constant must be one: 0.5; convert to F32 or"
                + " F64 first",
                k -> k.pointwise().map(List.of(Expr.input(0).plus(0.5)), List.of(of(DType.I64, 2)),
                        List.of(of(DType.I64, 2))));
        all.add(new Bad("integer division", ArithmeticException.class,
                "pointwise: integer division by zero: at position [1, 2]", k -> {
                    View x = of(DType.I64, 2, 3);
                    View y = of(DType.I64, 2, 3);
                    for (int i = 0; i < 5; i++) {
                        y.setLong(i, 1);
                    }
                    return k.pointwise().map(List.of(Expr.input(0).apply(BinaryFunction.DIV, Expr.input(1))),
                            List.of(x, y), List.of(of(DType.I64, 2, 3)));
                }));
        add(all, "reduced shape", "reduce: each size of the output must be 1 or the input's: [2, 3] → [2, 2]",
                k -> k.reduce().reduce(Reduction.SUM, Expr.input(0), List.of(f32(2, 3)), f32(2, 2)));
        add(all, "largest of nothing", "reduce: MAX of nothing: [2, 0] → [2, 1]",
                k -> k.reduce().reduce(Reduction.MAX, Expr.input(0), List.of(f32(2, 0)), f32(2, 1)));
        add(all, "arg of nothing", "arg: the extreme of nothing: dim 1 of [2, 0]",
                k -> k.reduce().arg(true, f32(2, 0), of(DType.I64, 2, 1), 1));
        add(all, "mean of integers",
                "reduce: the mean of integers is not an integer: I32[2]; convert to F32 or F64 first",
                k -> k.reduce().reduce(Reduction.MEAN, Expr.input(0), List.of(of(DType.I32, 2)), of(DType.I64, 1)));
        add(all, "dim", "softmax: dim must be in 0 … 1: 2 of shape [2, 3]",
                k -> k.softmax().softmax(f32(2, 3), f32(2, 3), 2, false));
        add(all, "copy type", "copy: element types must be the same: F32[2] and F64[2]; convert one of them first",
                k -> k.copy().copy(f32(2), of(DType.F64, 2)));
    }

    private static void layers(List<Bad> all) {
        add(all, "pooled shape", "maxPool: y must have shape [1, 2, 2, 2]: [1, 2, 3, 3]",
                k -> k.pool().max(PAIRS, f32(1, 2, 4, 4), f32(1, 2, 3, 3), null));
        all.add(new Bad("position outside the image", IndexOutOfBoundsException.class,
                "maxPoolGradient: index out of range: 16 at element 3 of indices, must be in 0 … 15", k -> {
                    View indices = of(DType.I64, 1, 1, 2, 2);
                    indices.setLong(3, 16);
                    return k.pool().maxGradient(PAIRS, indices, f32(1, 1, 2, 2), f32(1, 1, 4, 4));
                }));
        add(all, "one value per channel", "batchNorm: training needs more than one value per channel: [1, 3, 1] has 1",
                k -> k.norm().batchNorm(f32(1, 3, 1), f32(3), f32(3), 1e-5, f32(1, 3, 1), f32(3), f32(3)));
        add(all, "parameters", "batchNorm: a statistic or parameter must have shape [3]: [2]",
                k -> k.norm().batchNorm(f32(4, 3, 1), f32(2), f32(3), 1e-5, f32(4, 3, 1), f32(3), f32(3)));
        add(all, "lines not contiguous",
                "batchNorm: x must be contiguous in its last dim: F32[4, 3, 5] strides [15, 1, 3];"
                        + " copy it first",
                k -> k.norm().batchNorm(f32(4, 5, 3).permute(0, 2, 1), f32(3), f32(3), 1e-5,
                        f32(4, 3, 5), f32(3), f32(3)));
        add(all, "attention sizes",
                "attention: q [n, heads, tq, d], k [n, kvHeads, tk, d] and v [n, kvHeads, tk, dv] do not"
                        + " fit: [1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 3, 4]",
                k -> attention(k, f32(1, 2, 3, 4), f32(1, 2, 3, 5)));
        add(all, "attention heads", "attention: the heads of q must be a multiple of those of k and v: 3 and 2",
                k -> attention(k, f32(1, 3, 3, 4), f32(1, 2, 3, 4)));
        add(all, "attention rows", "attention: q must be contiguous in its last dim: F32[1, 2, 3, 4] strides"
                + " [24, 12, 1, 3]; copy it first",
                k -> attention(k, f32(1, 2, 4, 3).permute(0, 1, 3, 2),
                        f32(1, 2, 3, 4)));
        add(all, "attention mask", "attention: mask must have shape [1, 1, 2, 2]: [2, 2]", k -> k.attention().forward(
                AttentionSpec.of(1, false), f32(1, 1, 2, 4), f32(1, 1, 2, 4), f32(1, 1, 2, 4), f32(2, 2), null,
                f32(1, 1, 2, 4), f32(1, 1, 2)));
        add(all, "attention padding", "attention: padding must be BOOL: F32[1, 2]", k -> k.attention().forward(
                AttentionSpec.of(1, false), f32(1, 1, 2, 4), f32(1, 1, 2, 4), f32(1, 1, 2, 4), null, f32(1, 2),
                f32(1, 1, 2, 4), f32(1, 1, 2)));
        add(all, "attention dropout", "attention: the dropout probability must be in [0, 1): 1.0", _ -> {
            new AttentionSpec(1, false, 1, 0, 0);
            throw new AssertionError("accepted");
        });
        add(all, "row parameters", "layerNorm: weight must have shape [3]: [2]",
                k -> k.norm().layerNorm(f32(4, 3), f32(2), f32(3), 1e-5, f32(4, 3), f32(4), f32(4)));
        add(all, "numbers per row", "rmsNorm: scale must have shape [4]: [3]",
                k -> k.norm().rmsNorm(f32(4, 3), f32(3), 1e-5, f32(4, 3), f32(3)));
        add(all, "rows not contiguous",
                "layerNorm: x must be contiguous in its last dim: F32[3, 4] strides [1, 3]; copy"
                        + " it first",
                k -> k.norm().layerNorm(f32(4, 3).permute(1, 0), null, null, 1e-5, f32(3, 4), f32(3), f32(3)));
        add(all, "gradient of rows", "layerNormGradient: x and gy must have the same shape: [4, 3] and [3, 4]",
                k -> k.norm().layerNormGradient(f32(4, 3), null, f32(4), f32(4), f32(3, 4), f32(4, 3), null, null));
        add(all, "window too large", "pool: the window is larger than the padded input: window 5, input 4 + 2·0", _ -> {
            Windows.fixed(4, 5, 1, 0, 1, false);
            throw new AssertionError("accepted");
        });
    }

    private static Call attention(Kernels k, View q, View keys) {
        return k.attention().forward(AttentionSpec.of(1, false), q, keys, f32(1, keys.dim(1), 3, 4), null, null,
                f32(q.dims()), f32(1, q.dim(1), 3));
    }

    private static void indexed(List<Bad> all) {
        all.add(new Bad("index too large", IndexOutOfBoundsException.class,
                "gather: index out of range: 5 at position [1, 0], must be in 0 … 2", k -> {
                    View index = of(DType.I64, 2, 2);
                    index.setLong(2, 5);
                    return k.index().gather(f32(3, 2), index, f32(2, 2), 0);
                }));
        all.add(new Bad("negative index", IndexOutOfBoundsException.class,
                "indexAdd: index out of range: -1 at position [0], must be in 0 … 2", k -> {
                    View index = of(DType.I32, 1);
                    index.setLong(0, -1);
                    return k.index().indexAdd(f32(1, 2), index, f32(3, 2), 0);
                }));
        add(all, "index type", "indexSelect: indices must be I64 or I32: F32[2]",
                k -> k.index().indexSelect(f32(3, 2), f32(2), f32(2, 2), 0));
        add(all, "probability", "bernoulli: the probability must be in 0 … 1: 1.5",
                k -> k.random().bernoulli(1, 0, f32(3), 1.5, 1));
        add(all, "range", "uniform: low must be under high, both finite: 1.0, 1.0",
                k -> k.random().uniform(1, 0, f32(3), 1, 1));
        add(all, "byte range", "integers: the range does not fit U8: 0 … 256",
                k -> k.random().integers(1, 0, of(DType.U8, 3), 0, 257));
    }

    /// What an address is cannot be pinned, but which operands meet can.
    @org.junit.jupiter.api.Test
    void overlaps() {
        try (Threads threads = Threads.of(1)) {
            for (Kernels k : List.of(Kernels.reference(), Kernels.best(threads))) {
                View block = f32(4, 4);
                View shifted = block.restride(1, new int[] {2, 4}, new int[] {4, 1});
                View top = block.restride(0, new int[] {2, 4}, new int[] {4, 1});
                assertThat(catchThrowable(() -> k.gemm().gemm(1, block, block, 0, block, Epilogue.NONE)))
                        .hasMessageStartingWith("gemm: the output must not overlap A: ");
                assertThat(catchThrowable(
                        () -> k.pointwise().map(List.of(Expr.input(0)), List.of(top), List.of(shifted))))
                        .hasMessageStartingWith("pointwise: the output must not overlap input 0: ");
                assertThat(catchThrowable(() -> k.softmax().softmax(top, shifted, 1, false)))
                        .hasMessageStartingWith("softmax: the output must not overlap the input: ");
                assertThat(catchThrowable(() -> k.copy().copy(top, shifted)))
                        .hasMessageStartingWith("copy: the output must not overlap the input: ");
            }
        }
    }

    /// An index that is out of range is found before the first good one is used.
    @org.junit.jupiter.api.Test
    void nothingIsWritten() {
        try (Threads threads = Threads.of(1)) {
            for (Kernels k : List.of(Kernels.reference(), Kernels.best(threads))) {
                View out = f32(3, 2);
                View index = of(DType.I64, 2);
                index.setLong(1, 9);
                View in = f32(2, 2);
                in.setDouble(0, 7);
                Throwable thrown = catchThrowable(
                        () -> k.index().indexAdd(in, index, out, 0).run(MemorySegment.NULL));
                assertThat(thrown).isInstanceOf(IndexOutOfBoundsException.class);
                for (int i = 0; i < 6; i++) {
                    assertThat(out.getDouble(i)).isZero();
                }
            }
        }
    }

    private static View f32(int... dims) {
        return of(DType.F32, dims);
    }

    private static View of(DType type, int... dims) {
        return View.of(Arena.ofAuto().allocate(Math.max(View.count(dims), 1) * 8L, 64), 0, type, dims);
    }
}
