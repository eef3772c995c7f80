package dev.gatun.nn.layers;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// 1-D convolution (cross-correlation): x `[n, in, l]`, `weight` `[out, in/groups, k]`, `bias` `[out]`,
/// y `[n, out, ⌊(l + padding − dilation·(k − 1) − 1)/stride⌋ + 1]`. Computed as an image of height 1.
public final class Conv1d extends Module {
    private final ConvOptions options;
    private final Tensor weight;
    private final @Nullable Tensor bias;

    /// A filter of `kernel` taps at stride 1 without padding, with bias.
    public Conv1d(int in, int out, int kernel, Generator generator) {
        this(in, out, ConvOptions.kernel(kernel), generator);
    }

    /// With these settings; initial values as PyTorch has them, from `generator`.
    public Conv1d(int in, int out, ConvOptions options, Generator generator) {
        options.checkChannels("conv1d", in, out);
        this.options = options;
        int k = options.kernel();
        weight = parameter("weight", Init.standard().make(generator, out, in / options.groups(), k));
        bias = options.bias()
                ? parameter("bias", Init.standardBias(in / options.groups() * k).make(generator, out))
                : null;
    }

    @Override
    protected Tensor compute(Tensor x) {
        if (x.rank() != 3) {
            throw new IllegalArgumentException("conv1d: needs an input [n, channels, length]: " + x.shape());
        }
        ConvSpec spec = options.row(x.size(2));
        Tensor image = x.unsqueeze(2);
        Tensor filter = weight.unsqueeze(2);
        Tensor y = bias == null ? image.conv2d(filter, spec) : image.conv2d(filter, bias, spec);
        return y.squeeze(2);
    }

    @Override
    protected long multiplyAdds(Shape x, Shape y) {
        return (long) y.count() * weight.size(1) * weight.size(2);
    }

    @Override
    protected String describe() {
        return "in=" + weight.size(1) * options.groups() + ", out=" + weight.size(0) + ", " + options;
    }
}
