package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// `x + project(depthwise(expand(x)))` (Sandler and others, 2018): a 1×1 convolution to `expansion·in` channels (left
/// out when `expansion` is 1), a depthwise 3×3 that steps by `stride`, both with batch norm and ReLU6, and a 1×1 down to
/// `out` channels with batch norm alone. The input is added where the shape stays. x `[n, in, h, w]`, y
/// `[n, out, ⌈h/stride⌉, ⌈w/stride⌉]`. All parts stand in `conv`.
public final class InvertedResidual extends Module {
    private final Sequential conv;
    private final boolean adds;

    /// A block from `in` to `out` channels.
    public InvertedResidual(int in, int out, int stride, int expansion, Generator generator) {
        if (expansion < 1) {
            throw new IllegalArgumentException("invertedResidual: the expansion must be at least 1: " + expansion);
        }
        int hidden = expansion * in;
        List<Module> steps = new ArrayList<>();
        if (expansion != 1) {
            steps.add(NormedConv.of(in, hidden, ConvOptions.kernel(1), Activation.relu6(), generator));
        }
        ConvOptions depthwise = ConvOptions.kernel(3).withPadding(1).withStride(stride).withGroups(hidden);
        steps.add(NormedConv.of(hidden, hidden, depthwise, Activation.relu6(), generator));
        steps.addAll(NormedConv.plain(hidden, out, ConvOptions.kernel(1), generator).children().values());
        conv = child("conv", new Sequential(steps.toArray(Module[]::new)));
        adds = stride == 1 && in == out;
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = conv.forward(x);
        return adds ? x.add(y) : y;
    }
}
