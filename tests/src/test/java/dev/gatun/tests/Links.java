package dev.gatun.tests;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;

/// Links of chains of convolutions.
public final class Links {
    private Links() {
    }

    /// The convolution with these weights, packed by these kernels.
    public static ConvLink packed(Kernels kernels, ConvSpec spec, View w, Epilogue epilogue) {
        ImageLayout images = ImageLayout.CHANNELS_LAST;
        long bytes = kernels.conv().packedBytes(images, spec, w, ConvAlgorithm.DIRECT);
        PackedFilter packed = kernels.conv().pack(
                images, spec, w, ConvAlgorithm.DIRECT, Arena.ofAuto().allocate(Math.max(64, bytes), 64));
        return new ConvLink(spec, packed, epilogue);
    }
}
