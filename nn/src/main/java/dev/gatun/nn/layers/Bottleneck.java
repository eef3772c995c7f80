package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// A residual block of 1×1, 3×3 and 1×1 convolutions, each with batch norm (He and others, 2015): the 3×3 works on
/// `width` channels and steps by `stride` (version 1.5), the result has 4·`width`: x `[n, in, h, w]`, y
/// `[n, 4·width, ⌈h/stride⌉, ⌈w/stride⌉]`. The shortcut is the identity, or `downsample`, a strided 1×1 convolution with
/// batch norm, where the shape changes.
public final class Bottleneck extends Module {
    /// Channels of the result per channel of the middle.
    public static final int EXPANSION = 4;

    private final Conv2d conv1;
    private final BatchNorm bn1;
    private final Conv2d conv2;
    private final BatchNorm bn2;
    private final Conv2d conv3;
    private final BatchNorm bn3;
    private final @Nullable Sequential downsample;

    /// The middle convolution steps by `stride`.
    public Bottleneck(int in, int width, int stride, Generator generator) {
        int out = EXPANSION * width;
        ConvOptions one = ConvOptions.kernel(1).withoutBias();
        ConvOptions three = ConvOptions.kernel(3).withPadding(1).withStride(stride).withoutBias();
        conv1 = child("conv1", new Conv2d(in, width, one, generator));
        bn1 = child("bn1", BatchNorm.of2d(width));
        conv2 = child("conv2", new Conv2d(width, width, three, generator));
        bn2 = child("bn2", BatchNorm.of2d(width));
        conv3 = child("conv3", new Conv2d(width, out, one, generator));
        bn3 = child("bn3", BatchNorm.of2d(out));
        downsample = stride == 1 && in == out ? null
                : child("downsample", NormedConv.plain(in, out, one.withStride(stride), generator));
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = bn1.forward(conv1.forward(x)).relu();
        y = bn2.forward(conv2.forward(y)).relu();
        y = bn3.forward(conv3.forward(y));
        return y.add(downsample == null ? x : downsample.forward(x)).relu();
    }
}
