package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// `y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))` with two 3×3 convolutions (He and others, 2015), x
/// `[n, in, h, w]`, y `[n, out, ⌈h/stride⌉, ⌈w/stride⌉]`. The shortcut is the identity, or `downsample`, a strided 1×1
/// convolution with batch norm, where the shape changes.
public final class BasicBlock extends Module {
    private final Conv2d conv1;
    private final BatchNorm bn1;
    private final Conv2d conv2;
    private final BatchNorm bn2;
    private final @Nullable Sequential downsample;

    /// The first convolution steps by `stride`.
    public BasicBlock(int in, int out, int stride, Generator generator) {
        ConvOptions three = ConvOptions.kernel(3).withPadding(1).withoutBias();
        conv1 = child("conv1", new Conv2d(in, out, three.withStride(stride), generator));
        bn1 = child("bn1", BatchNorm.of2d(out));
        conv2 = child("conv2", new Conv2d(out, out, three, generator));
        bn2 = child("bn2", BatchNorm.of2d(out));
        downsample = stride == 1 && in == out ? null
                : child("downsample", NormedConv.plain(in, out, ConvOptions.kernel(1).withStride(stride), generator));
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = bn1.forward(conv1.forward(x)).relu();
        y = bn2.forward(conv2.forward(y));
        return y.add(downsample == null ? x : downsample.forward(x)).relu();
    }
}
