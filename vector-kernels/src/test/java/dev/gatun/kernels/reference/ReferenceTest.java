package dev.gatun.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The reference on examples worked by hand: everything else is held against it, so it must be right by itself.
class ReferenceTest {
    private static final Kernels K = Kernels.reference();

    @Test
    void product() {
        View a = view(DType.F32, new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        View b = view(DType.F32, new int[] {3, 2}, 7, 8, 9, 10, 11, 12);
        View c = view(DType.F32, new int[] {2, 2}, 1, 1, 1, 1);
        run(K.gemm().gemm(1, a, b, 10, c, Epilogue.NONE));
        assertThat(values(c)).containsExactly(68, 74, 149, 164);
        View bias = view(DType.F32, new int[] {2}, 100, -1000).expand(2, 2);
        Epilogue reluOfBiased = new Epilogue(Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0)), List.of(bias));
        run(K.gemm().gemm(2, a, b, 0, c, reluOfBiased));
        assertThat(values(c)).containsExactly(216, 0, 378, 0);
        View transposed = view(DType.F32, new int[] {3, 3}, new double[9]);
        run(K.gemm().gemm(1, a.permute(1, 0), b.permute(1, 0), 0, transposed, Epilogue.NONE));
        assertThat(values(transposed)).containsExactly(39, 49, 59, 54, 68, 82, 69, 87, 105);
    }

    /// The forecaster's smoothing: [20,22,24,25,28,27,26] with [0.5,0.8,0.5].
    @Test
    void convolution() {
        View x = view(DType.F64, new int[] {1, 1, 1, 7}, 20, 22, 24, 25, 28, 27, 26);
        View w = view(DType.F64, new int[] {1, 1, 1, 3}, 0.5, 0.8, 0.5);
        View y = view(DType.F64, new int[] {1, 1, 1, 5}, new double[5]);
        run(K.conv().forward(ConvSpec.of(1, 0, 1, 1), x, w, y, Epilogue.NONE));
        double[] expected = {39.6, 42.7, 46.0, 48.4, 48.6};
        for (int i = 0; i < 5; i++) {
            assertThat(values(y)[i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    @Test
    void pooling() {
        View x = view(DType.F32, new int[] {1, 1, 1, 6}, 1, 2, 4, 3, 1, 5);
        View y = view(DType.F32, new int[] {1, 1, 1, 3}, 0, 0, 0);
        View at = view(DType.I64, new int[] {1, 1, 1, 3}, 0, 0, 0);
        PoolSpec pairs = new PoolSpec(
                PoolSpec.Windows.fixed(1, 1, 1, 0, 1, false), PoolSpec.Windows.fixed(6, 2, 2, 0, 1, false), true);
        run(K.pool().max(pairs, x, y, at));
        assertThat(values(y)).containsExactly(2, 4, 5);
        assertThat(values(at)).containsExactly(1, 2, 5);
        View gx = view(DType.F32, new int[] {1, 1, 1, 6}, 9, 9, 9, 9, 9, 9);
        run(K.pool().maxGradient(pairs, at, y, gx));
        assertThat(values(gx)).containsExactly(0, 2, 4, 0, 0, 5);
        run(K.pool().average(pairs, x, y));
        assertThat(values(y)).containsExactly(1.5, 3.5, 3);
        run(K.pool().averageGradient(pairs, y, gx));
        assertThat(values(gx)).containsExactly(0.75, 0.75, 1.75, 1.75, 1.5, 1.5);
        assertThat(PoolSpec.Windows.fixed(100, 3, 2, 0, 1, false).count()).isEqualTo(49);
        assertThat(PoolSpec.Windows.fixed(100, 3, 2, 0, 1, true).count()).isEqualTo(50);
    }

    @Test
    void softmaxWithMask() {
        View x = view(DType.F32, new int[] {3}, 1.2, 2.3, Double.NEGATIVE_INFINITY);
        run(K.softmax().softmax(x, x, 0, false));
        assertThat(values(x)[0]).isCloseTo(0.2497, within(5e-5));
        assertThat(values(x)[1]).isCloseTo(0.7503, within(5e-5));
        assertThat(values(x)[2]).isZero();
    }

    @Test
    void reductions() {
        View x = view(DType.F32, new int[] {2, 3}, 1, 2, 3, 4, 5, Double.NaN);
        View rows = view(DType.F32, new int[] {2, 1}, 0, 0);
        run(K.reduce().reduce(Reduction.MAX, Expr.input(0), List.of(x), rows));
        assertThat(values(rows)).containsExactly(3, Double.NaN);
        View columns = view(DType.F32, new int[] {1, 3}, 0, 0, 0);
        run(K.reduce().reduce(Reduction.MEAN, Expr.input(0).times(Expr.input(0)), List.of(x), columns));
        assertThat(values(columns)).containsExactly(8.5, 14.5, Double.NaN);
        View where = view(DType.I64, new int[] {2, 1}, 7, 7);
        run(K.reduce().arg(false, x, where, 1));
        assertThat(values(where)).containsExactly(0, 2);
    }

    @Test
    void sorting() {
        View x = view(DType.F32, new int[] {5}, 2, Double.NaN, -1, 2, -0.0);
        View values = view(DType.F32, new int[] {5}, 0, 0, 0, 0, 0);
        View order = view(DType.I64, new int[] {5}, 0, 0, 0, 0, 0);
        run(K.index().sort(x, values, order, 0, false));
        assertThat(values(values)).containsExactly(-1, -0.0, 2, 2, Double.NaN);
        assertThat(values(order)).containsExactly(2, 4, 0, 3, 1);
        run(K.index().sort(x, values, order, 0, true));
        assertThat(values(order)).containsExactly(1, 0, 3, 4, 2);
    }

    @Test
    void integersAreExact() {
        View x = view(DType.I64, new int[] {2}, 0, 0);
        x.setLong(0, Long.MAX_VALUE);
        x.setLong(1, 7);
        View y = view(DType.I64, new int[] {2}, 2, 0);
        assertThatThrownBy(() -> run(K.pointwise().map(
                List.of(Expr.input(0).apply(BinaryFunction.DIV, Expr.input(1))), List.of(x, y), List.of(x))))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("pointwise: integer division by zero: at position [1]");
        assertThat(x.getLong(0)).isEqualTo(Long.MAX_VALUE);
        run(K.pointwise().map(List.of(Expr.input(0).minus(1)), List.of(x), List.of(y)));
        assertThat(y.getLong(0)).isEqualTo(Long.MAX_VALUE - 1);
        View bytes = view(DType.U8, new int[] {2}, 0, 0);
        run(K.pointwise().map(List.of(Expr.input(0)), List.of(x), List.of(bytes)));
        assertThat(values(bytes)).containsExactly(255, 7);
    }

    @Test
    void overlapIsSeen() {
        View block = view(DType.F32, new int[] {3, 4}, new double[12]);
        View left = block.restride(0, new int[] {3, 2}, new int[] {4, 1});
        View right = block.restride(2, new int[] {3, 2}, new int[] {4, 1});
        run(K.copy().copy(left, right));
        View middle = block.restride(1, new int[] {3, 2}, new int[] {4, 1});
        assertThatThrownBy(() -> K.copy().copy(left, middle))
                .hasMessageStartingWith("copy: the output must not overlap the input: ");
        assertThatThrownBy(() -> K.copy().fill(left.restride(0, new int[] {3, 2}, new int[] {1, 1}), 1))
                .hasMessage("fill: the output must not repeat elements: shape [3, 2], strides [1, 1]; write to a copy");
    }

    private static View view(DType dtype, int[] dims, double... values) {
        View v = View.of(Arena.ofAuto().allocate(Math.max(1, values.length) * 8L, 64), 0, dtype, dims);
        for (int i = 0; i < values.length; i++) {
            v.setDouble(i, values[i]);
        }
        return v;
    }

    private static double[] values(View v) {
        double[] values = new double[v.count()];
        for (Walk w = Walk.over(v.dims(), v.strides()); w.next();) {
            values[(int) w.position()] = v.getDouble(w.at(0));
        }
        return values;
    }

    private static void run(Call call) {
        call.run(MemorySegment.NULL);
    }
}
