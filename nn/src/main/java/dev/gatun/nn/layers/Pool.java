package dev.gatun.nn.layers;

import dev.gatun.kernels.PoolSpec;
import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;
import java.util.function.IntFunction;

/// Pooling: the largest or the mean value of each window. 1-D takes `[n, c, l]`, 2-D `[n, c, h, w]`; fixed, adaptive and
/// global pooling differ in their windows only. A maximum is NaN when any value of its window is. Where every window is
/// one element and every element a window, the result is the input itself.
public final class Pool extends Module {
    private enum Kind {
        MAX, AVERAGE
    }

    private final String name;
    private final Kind kind;
    private final int dims;
    private final boolean countPadding;
    private final IntFunction<PoolSpec.Windows> windows;

    private Pool(String name, Kind kind, int dims, boolean countPadding, IntFunction<PoolSpec.Windows> windows) {
        this.name = name;
        this.kind = kind;
        this.dims = dims;
        this.countPadding = countPadding;
        this.windows = windows;
    }

    /// Largest of windows of `kernel`, side by side.
    public static Pool max1d(int kernel) {
        return max1d(PoolOptions.kernel(kernel));
    }

    /// Largest of each window.
    public static Pool max1d(PoolOptions options) {
        return new Pool("max1d, " + options, Kind.MAX, 1, true, options::windows);
    }

    /// Largest of windows of `kernel`×`kernel`, side by side.
    public static Pool max2d(int kernel) {
        return max2d(PoolOptions.kernel(kernel));
    }

    /// Largest of each window.
    public static Pool max2d(PoolOptions options) {
        return new Pool("max2d, " + options, Kind.MAX, 2, true, options::windows);
    }

    /// Mean of windows of `kernel`, side by side.
    public static Pool average1d(int kernel) {
        return average1d(PoolOptions.kernel(kernel));
    }

    /// Mean of each window; there is no dilated average.
    public static Pool average1d(PoolOptions options) {
        return average("average1d, ", 1, options);
    }

    /// Mean of windows of `kernel`×`kernel`, side by side.
    public static Pool average2d(int kernel) {
        return average2d(PoolOptions.kernel(kernel));
    }

    /// Mean of each window; there is no dilated average.
    public static Pool average2d(PoolOptions options) {
        return average("average2d, ", 2, options);
    }

    private static Pool average(String name, int dims, PoolOptions options) {
        if (options.dilation() != 1) {
            throw new IllegalArgumentException("pool: an average has no dilation: " + options.dilation());
        }
        return new Pool(name + options, Kind.AVERAGE, dims, options.countPadding(), options::windows);
    }

    /// Largest of `outputs` windows that cover the input evenly.
    public static Pool adaptiveMax1d(int outputs) {
        return adaptive("adaptiveMax1d", Kind.MAX, 1, outputs);
    }

    /// Largest of `outputs`×`outputs` windows that cover the input evenly.
    public static Pool adaptiveMax2d(int outputs) {
        return adaptive("adaptiveMax2d", Kind.MAX, 2, outputs);
    }

    /// Mean of `outputs` windows that cover the input evenly.
    public static Pool adaptiveAverage1d(int outputs) {
        return adaptive("adaptiveAverage1d", Kind.AVERAGE, 1, outputs);
    }

    /// Mean of `outputs`×`outputs` windows that cover the input evenly; with 1, the global average.
    public static Pool adaptiveAverage2d(int outputs) {
        return adaptive("adaptiveAverage2d", Kind.AVERAGE, 2, outputs);
    }

    private static Pool adaptive(String name, Kind kind, int dims, int outputs) {
        if (outputs < 1) {
            throw new IllegalArgumentException("pool: at least one output is needed: " + outputs);
        }
        return new Pool(name + ", outputs=" + outputs, kind, dims, false,
                length -> PoolSpec.Windows.adaptive(length, outputs));
    }

    @Override
    protected Tensor compute(Tensor x) {
        if (x.rank() != dims + 2) {
            throw new IllegalArgumentException("pool: " + name + " needs an input of " + (dims + 2) + " dims [n, c, "
                    + (dims == 1 ? "length" : "h, w") + "]: " + x.shape());
        }
        if (dims == 1) {
            PoolSpec spec =
                    new PoolSpec(PoolSpec.Windows.fixed(1, 1, 1, 0, 1, false), windows.apply(x.size(2)), countPadding);
            return pool(x.unsqueeze(2), spec).squeeze(2);
        }
        return pool(x, new PoolSpec(windows.apply(x.size(2)), windows.apply(x.size(3)), countPadding));
    }

    private Tensor pool(Tensor x, PoolSpec spec) {
        if (isIdentity(spec.height(), x.size(2)) && isIdentity(spec.width(), x.size(3))) {
            return x;
        }
        return switch (kind) {
            case MAX -> x.maxPool(spec).getFirst();
            case AVERAGE -> x.averagePool(spec);
        };
    }

    private static boolean isIdentity(PoolSpec.Windows windows, int length) {
        boolean same = windows.count() == length;
        for (int i = 0; same && i < length; i++) {
            same = windows.start()[i] == i && windows.size()[i] == 1;
        }
        return same;
    }

    @Override
    protected String describe() {
        return name;
    }
}
