package dev.gatun.perf.work;

import dev.gatun.nn.layers.Conv1d;
import dev.gatun.nn.layers.Conv2d;
import dev.gatun.nn.layers.ConvOptions;
import dev.gatun.ops.Shape;
import java.util.List;

/// Single convolutions of the kinds that the published networks are made of, one image at a time.
final class ConvCases {
    static final List<NetworkCase> ALL = List.of(
            square("conv3x3 64->64 56x56", 64, 64, 56, ConvOptions.kernel(3).withPadding(1)),
            square("conv3x3 128->128 28x28", 128, 128, 28, ConvOptions.kernel(3).withPadding(1)),
            square("conv3x3 256->256 14x14", 256, 256, 14, ConvOptions.kernel(3).withPadding(1)),
            square("conv3x3 512->512 7x7", 512, 512, 7, ConvOptions.kernel(3).withPadding(1)),
            square("conv3x3s2 64->128 56x56", 64, 128, 56, ConvOptions.kernel(3).withPadding(1).withStride(2)),
            square("conv1x1 64->256 56x56", 64, 256, 56, ConvOptions.kernel(1)),
            square("conv1x1 256->64 56x56", 256, 64, 56, ConvOptions.kernel(1)),
            square("conv1x1 512->2048 7x7", 512, 2048, 7, ConvOptions.kernel(1)),
            square("conv7x7s2 3->64 224x224", 3, 64, 224, ConvOptions.kernel(7).withPadding(3).withStride(2)),
            square("depthwise3x3 96 112x112", 96, 96, 112, ConvOptions.kernel(3).withPadding(1).withGroups(96)),
            square("depthwise3x3s2 144 56x56", 144, 144, 56,
                    ConvOptions.kernel(3).withPadding(1).withStride(2).withGroups(144)),
            square("grouped3x3 g4 128->128 28x28", 128, 128, 28, ConvOptions.kernel(3).withPadding(1).withGroups(4)),
            square("dilated3x3 d2 128->128 28x28", 128, 128, 28,
                    ConvOptions.kernel(3).withPadding(2).withDilation(2)),
            row("conv1d k10 3->100 80", 3, 100, 80, ConvOptions.kernel(10)),
            row("conv1d k10 100->160 23", 100, 160, 23, ConvOptions.kernel(10)),
            row("conv1d k3 64->64 1000", 64, 64, 1000, ConvOptions.kernel(3).withPadding(1)));

    private ConvCases() {}

    private static NetworkCase square(String name, int in, int out, int side, ConvOptions options) {
        return NetworkCase.of(name, Shape.of(1, in, side, side), g -> new Conv2d(in, out, options, g));
    }

    private static NetworkCase row(String name, int in, int out, int length, ConvOptions options) {
        return NetworkCase.of(name, Shape.of(1, in, length), g -> new Conv1d(in, out, options, g));
    }
}
