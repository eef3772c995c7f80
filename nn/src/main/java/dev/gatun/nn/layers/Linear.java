package dev.gatun.nn.layers;

import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// `y = x·Wᵀ + b` over the last dim: x `[…, in]`, `weight` `[out, in]`, `bias` `[out]`, y `[…, out]`.
public final class Linear extends Module {
    private final Tensor weight;
    private final @Nullable Tensor bias;

    /// With bias; initial values as PyTorch has them, from `generator`.
    public Linear(int in, int out, Generator generator) {
        this(in, out, true, generator);
    }

    /// With or without bias.
    public Linear(int in, int out, boolean withBias, Generator generator) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("linear: sizes must be at least 1: in " + in + ", out " + out);
        }
        weight = parameter("weight", Init.standard().make(generator, out, in));
        bias = withBias ? parameter("bias", Init.standardBias(in).make(generator, out)) : null;
    }

    @Override
    protected Tensor compute(Tensor x) {
        return bias == null ? x.linear(weight) : x.linear(weight, bias);
    }

    @Override
    protected long multiplyAdds(Shape x, Shape y) {
        return (long) y.count() * weight.size(1);
    }

    @Override
    protected String describe() {
        return "in=" + weight.size(1) + ", out=" + weight.size(0) + ", bias=" + (bias != null);
    }
}
