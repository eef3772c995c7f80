package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.ConvCheck;
import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Convolutions on images that lie channels last: which are computed, and by what.
final class ChannelsLastConv {
    private ChannelsLastConv() {}

    /// One filter per channel, and enough channels for a vector; or all channels in one group.
    private static boolean isComputed(ConvSpec spec, int[] w) {
        return spec.groups() == 1 || (spec.isDepthwise(w) && w[0] >= PixelTaps.LEAST);
    }

    /// Winograd's transforms go by whole vectors of channels.
    private static boolean isWinograd(ConvSpec spec, int[] w) {
        return spec.groups() == 1 && w[0] % VL == 0 && w[1] % VL == 0;
    }

    static List<ConvAlgorithm> algorithms(Machine machine, ConvSpec spec, int[] x, int[] w) {
        if (!isComputed(spec, w)) {
            return List.of();
        }
        return ConvCost.ranked(machine, spec, x, w, true, ImageLayout.CHANNELS_LAST).stream()
                .filter(a -> a == ConvAlgorithm.DIRECT || isWinograd(spec, w))
                .toList();
    }

    /// Throws when a convolution is not computed in this layout.
    static void require(ConvSpec spec, int[] w, ConvAlgorithm algorithm) {
        if (!isComputed(spec, w) || (algorithm != ConvAlgorithm.DIRECT && !isWinograd(spec, w))) {
            throw new IllegalArgumentException(
                    "conv: channels last takes one group, or one filter for each of at least "
                            + PixelTaps.LEAST + " channels, and " + VL + " · n channels for Winograd: w "
                            + Arrays.toString(w)
                            + ", " + spec + ", " + algorithm + "; pack for ImageLayout.PLANES");
        }
    }

    static long bytes(Machine machine, ConvSpec spec, View w) {
        return Math.max(64,
                spec.isDepthwise(w.dims()) ? PixelFilter.depthwiseBytes(w) : PixelFilter.bytes(machine.type(), w));
    }

    static void pack(Machine machine, ConvSpec spec, View w, MemorySegment memory) {
        if (spec.isDepthwise(w.dims())) {
            PixelFilter.packDepthwise(w, memory);
        } else {
            PixelFilter.pack(machine.type(), w, memory);
        }
    }

    static Call forward(Machine machine, ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue) {
        PixelShape shape = PixelShape.of(spec, x, w, y);
        if (x.dim(0) == 0) {
            return _ -> {};
        }
        if (w.algorithm() != ConvAlgorithm.DIRECT) {
            return winograd(machine, spec, x, w, y, epilogue);
        }
        PixelFinish finish = PixelFinish.of(epilogue, y, shape);
        boolean depthwise = spec.isDepthwise(w.oc(), w.c(), w.kh(), w.kw());
        if (depthwise) {
            ConvCheck.channelsLast("conv", "x", x);
        }
        return depthwise
                ? new PixelDepthwise(machine, shape, x, w.memory(), y, epilogue.expr(), finish)
                : new PixelProduct(machine, shape, x, w.memory(), y, epilogue.expr(), finish);
    }

    static Call chain(Machine machine, View x, List<ConvLink> links, View y) {
        for (ConvLink link : links) {
            PackedFilter w = link.w();
            require(link.spec(), new int[] {w.oc(), w.c(), w.kh(), w.kw()}, w.algorithm());
        }
        return x.dim(0) == 0 ? _ -> {} : new PixelChain(machine, x, links, y);
    }

    private static Call winograd(
            Machine machine, ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue) {
        PixelFinish finish = PixelFinish.single(epilogue, y);
        Correlation shape = Correlation.forward(
                spec, w.c(), x.dim(2), x.dim(3), y.dim(2), y.dim(3), w.kh(), w.kw());
        Product product = machine.winograd(
                w.algorithm(), true, shape, w.oc(), 1, images(x), Operand.of(w.memory(), 0, 0, 0), images(y),
                epilogue.expr(), finish.extras());
        return new ChannelsLastWinograd(finish, product, w.memory(), y.segment());
    }

    private record ChannelsLastWinograd(PixelFinish finish, Product product, MemorySegment weights,
            MemorySegment result)
            implements
                Call {
        @Override
        public String kernel() {
            return product.getClass().getSimpleName();
        }

        @Override
        public long scratchBytes() {
            return product.scratchBytes();
        }

        @Override
        public void run(MemorySegment scratch) {
            finish.prepare();
            product.run(scratch, 0, weights, result);
        }
    }

    /// Per image, channels as rows and pixels as columns, in either layout.
    private static Operand images(View v) {
        long[] starts = new long[v.dim(0)];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = v.offset() + 4L * i * v.stride(0);
        }
        return ImageLayout.CHANNELS_LAST.holds(v)
                ? new Operand(v.segment(), starts, 4, 4L * ImageLayout.pixel(v))
                : new Operand(v.segment(), starts, 4L * v.stride(1), 4);
    }
}
