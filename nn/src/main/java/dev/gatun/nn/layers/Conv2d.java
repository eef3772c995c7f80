package dev.gatun.nn.layers;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// 2-D convolution (cross-correlation): x `[n, in, h, w]`, `weight` `[out, in/groups, k, k]`, `bias` `[out]`,
/// y `[n, out, ⌊(h + padding − dilation·(k − 1) − 1)/stride⌋ + 1, …]`.
public final class Conv2d extends Module {
    private final ConvOptions options;
    private final Tensor weight;
    private final @Nullable Tensor bias;

    /// A filter of `kernel`×`kernel` at stride 1 without padding, with bias.
    public Conv2d(int in, int out, int kernel, Generator generator) {
        this(in, out, ConvOptions.kernel(kernel), generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`. Causal padding is for one dim only.
    public Conv2d(int in, int out, ConvOptions options, Generator generator) {
        options.checkChannels("conv2d", in, out);
        if (options.padding() instanceof Padding.Causal) {
            throw new IllegalArgumentException("conv2d: causal padding needs one dim with an order: use Conv1d");
        }
        this.options = options;
        int k = options.kernel();
        weight = parameter("weight", Init.standard().make(generator, out, in / options.groups(), k, k));
        bias = options.bias()
                ? parameter("bias", Init.standardBias(in / options.groups() * k * k).make(generator, out))
                : null;
    }

    @Override
    protected Tensor compute(Tensor x) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException("conv2d: needs an input [n, channels, h, w]: " + x.shape());
        }
        ConvSpec spec = options.square(x.size(2), x.size(3));
        return bias == null ? x.conv2d(weight, spec) : x.conv2d(weight, bias, spec);
    }

    @Override
    protected long multiplyAdds(Shape x, Shape y) {
        return (long) y.count() * weight.size(1) * weight.size(2) * weight.size(3);
    }

    @Override
    protected String describe() {
        return "in=" + weight.size(1) * options.groups() + ", out=" + weight.size(0) + ", " + options;
    }
}
