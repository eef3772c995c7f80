package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Operands of the convolution and its gradients.
public final class ConvCheck {
    private ConvCheck() {}

    /// `y = epilogue(x ∗ w)`.
    public static void forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue) {
        Operands.floating("conv", x, w, y);
        filter("conv", w);
        shapes("conv", spec, x, w.dim(0), w.dim(1), w.dim(2), w.dim(3), shape(w), y);
        planes("conv", x, y);
        Operands.writable("conv", y);
        Operands.apart("conv", "x", x, y);
        Operands.apart("conv", "w", w, y);
        GemmCheck.epilogue("conv", epilogue, y);
    }

    /// Winograd's algorithms need a filter of 3×3, step 1 and no dilation.
    public static void algorithm(ConvSpec spec, int[] w, ConvAlgorithm algorithm) {
        if (algorithm != ConvAlgorithm.DIRECT && !isWinograd(spec, w)) {
            throw new IllegalArgumentException("conv: " + algorithm
                    + " needs 3×3 filters of at least one channel, stride 1 and dilation 1: w " + Arrays.toString(w)
                    + ", " + spec);
        }
    }

    /// True when Winograd's algorithms apply to weights of these sizes.
    public static boolean isWinograd(ConvSpec spec, int[] w) {
        return w[0] > 0 && w[1] > 0 && w[2] == 3 && w[3] == 3 && spec.strideH() == 1 && spec.strideW() == 1
                && spec.dilationH() == 1 && spec.dilationW() == 1;
    }

    /// The same with weights packed as `layout`.
    public static void packed(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue, String layout) {
        Operands.floating("conv", x, y);
        if (w.dtype() != x.dtype()) {
            throw new IllegalArgumentException("conv: element types must be the same: packed weights are " + w.dtype()
                    + ", x is " + x.dtype() + shape(x));
        }
        GemmCheck.layout("conv", w.layout(), layout);
        String shapeW = "packed [" + w.oc() + ", " + w.c() + ", " + w.kh() + ", " + w.kw() + "]";
        shapes("conv", spec, x, w.oc(), w.c(), w.kh(), w.kw(), shapeW, y);
        switch (w.images()) {
            case PLANES -> planes("conv", x, y);
            case CHANNELS_LAST -> {
                if (!ImageLayout.PLANES.holds(x)) {
                    channelsLast("conv", "x", x);
                }
                channelsLast("conv", "y", y);
            }
        }
        Operands.writable("conv", y);
        Operands.apart("conv", "x", x, y);
        GemmCheck.epilogue("conv", epilogue, y);
    }

    /// Weights to be packed.
    public static void pack(ConvSpec spec, View w, MemorySegment memory, long bytes) {
        packedBytes(spec, w);
        GemmCheck.memory("conv", memory, bytes);
    }

    /// Weights whose packed size is asked for.
    public static void packedBytes(ConvSpec spec, View w) {
        Operands.floating("conv", w);
        filter("conv", w);
        groups("conv", spec, w.dim(0), shape(w));
    }

    /// `gx` from `gy` and `w`.
    public static void dataGradient(ConvSpec spec, View gy, View w, View gx) {
        String op = "convDataGradient";
        Operands.floating(op, gy, w, gx);
        filter(op, w);
        shapes(op, spec, gx, w.dim(0), w.dim(1), w.dim(2), w.dim(3), shape(w), gy);
        planes(op, gx, gy);
        Operands.writable(op, gx);
        Operands.apart(op, "gy", gy, gx);
        Operands.apart(op, "w", w, gx);
    }

    /// `gw` from `x` and `gy`.
    public static void weightGradient(ConvSpec spec, View x, View gy, View gw) {
        String op = "convWeightGradient";
        Operands.floating(op, x, gy, gw);
        filter(op, gw);
        shapes(op, spec, x, gw.dim(0), gw.dim(1), gw.dim(2), gw.dim(3), shape(gw), gy);
        planes(op, x, gy);
        Operands.writable(op, gw);
        Operands.apart(op, "x", x, gw);
        Operands.apart(op, "gy", gy, gw);
    }

    private static void filter(String op, View w) {
        Operands.rank(op, "w", w, 4);
        plane(op, "w", w);
    }

    private static void shapes(
            String op, ConvSpec spec, View x, int oc, int perGroup, int kh, int kw, String shapeW, View y) {
        Operands.rank(op, "x", x, 4);
        Operands.rank(op, "y", y, 4);
        groups(op, spec, oc, shapeW);
        if (x.dim(1) != (long) perGroup * spec.groups()) {
            throw new IllegalArgumentException(op + ": the channels of x must be those of w times the groups: x "
                    + shape(x) + ", w " + shapeW + ", groups " + spec.groups());
        }
        int oh = spec.outHeight(x.dim(2), kh);
        int ow = spec.outWidth(x.dim(3), kw);
        if (kh < 1 || kw < 1 || oh < 1 || ow < 1) {
            throw new IllegalArgumentException(op + ": the filter does not fit into the padded input: x " + shape(x)
                    + ", w " + shapeW + ", " + spec);
        }
        Operands.dims(op, "y", y, x.dim(0), oc, oh, ow);
    }

    private static void planes(String op, View x, View y) {
        plane(op, "x", x);
        plane(op, "y", y);
    }

    private static void groups(String op, ConvSpec spec, int oc, String shapeW) {
        if (oc % spec.groups() != 0) {
            throw new IllegalArgumentException(op + ": the output channels must be a multiple of the groups: w "
                    + shapeW + ", groups " + spec.groups());
        }
    }

    /// The last two dims lie row-major without holes.
    static void plane(String op, String name, View v) {
        if (!ImageLayout.PLANES.holds(v)) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must be contiguous in its last two dims: " + v + "; copy it first");
        }
    }

    /// The channels of a pixel lie side by side and its pixels follow each other.
    public static void channelsLast(String op, String name, View v) {
        if (!ImageLayout.CHANNELS_LAST.holds(v)) {
            throw new IllegalArgumentException(
                    op + ": " + name + " must lie channels last, as the weights are packed for"
                            + (name.equals("x") ? ", or be planes: " : ": ") + v
                            + "; copy it to memory [n, h, w, c] first");
        }
    }
}
