package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

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
        weights("conv", x, w, layout);
        shapes("conv", spec, x, w.oc(), w.c(), w.kh(), w.kw(), shapeOf(w), y);
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

    /// A chain of convolutions with weights packed as `layout` says.
    public static void chain(View x, List<ConvLink> links, View y, Function<ConvLink, String> layout) {
        String op = "convChain";
        Operands.floating(op, x, y);
        Operands.rank(op, "x", x, 4);
        int last = links.size() - 1;
        boolean pair = last > 0 && links.get(last).isPointwise() && links.get(last - 1).isDepthwise();
        if (!pair || last > 2 || (last == 2 && !links.getFirst().isPointwise())) {
            throw new IllegalArgumentException(op + ": the links must be one filter per channel and a 1×1, or a 1×1"
                    + " before these two: " + links.stream().map(ConvCheck::link).toList() + "; run them one by one");
        }
        int[] dims = x.dims();
        for (int i = 0; i <= last; i++) {
            ConvLink link = links.get(i);
            weights(op, x, link.w(), layout.apply(link));
            if (dims[1] != (long) link.w().c() * link.spec().groups()) {
                throw new IllegalArgumentException(op + ": the channels must be those of the weights times the groups: "
                        + Arrays.toString(dims) + " and " + link(link));
            }
            int[] before = dims;
            dims = link.result(dims);
            if (dims[2] < 1 || dims[3] < 1) {
                throw new IllegalArgumentException(op + ": the filter does not fit into the padded input: "
                        + Arrays.toString(before) + " and " + link(link));
            }
            if (i < last) {
                perChannel(op, link.epilogue(), dims);
            }
        }
        Operands.rank(op, "y", y, 4);
        Operands.dims(op, "y", y, dims);
        channelsLast(op, "x", x);
        channelsLast(op, "y", y);
        Operands.writable(op, y);
        Operands.apart(op, "x", x, y);
        GemmCheck.epilogue(op, links.getLast().epilogue(), y);
    }

    private static String link(ConvLink link) {
        return shapeOf(link.w()) + " " + link.spec();
    }

    private static String shapeOf(PackedFilter w) {
        return "packed [" + w.oc() + ", " + w.c() + ", " + w.kh() + ", " + w.kw() + "]";
    }

    /// Packed weights have the element type of x and lie as these kernels packed them.
    private static void weights(String op, View x, PackedFilter w, String layout) {
        if (w.dtype() != x.dtype()) {
            throw new IllegalArgumentException(op + ": element types must be the same: packed weights are " + w.dtype()
                    + ", x is " + x.dtype() + shape(x));
        }
        GemmCheck.layout(op, w.layout(), layout);
    }

    private static void perChannel(String op, Epilogue epilogue, int[] dims) {
        for (View v : epilogue.extras()) {
            Operands.dims(op, "an operand of an inner epilogue", v, dims);
            for (int d = 0; d < 4; d++) {
                if (d != 1 && v.dim(d) > 1 && v.stride(d) != 0) {
                    throw new IllegalArgumentException(op + ": an operand of an inner epilogue must be one number per"
                            + " channel: " + v + "; run the links one by one");
                }
            }
        }
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
