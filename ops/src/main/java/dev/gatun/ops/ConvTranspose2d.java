package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The transposed convolution, which is the gradient of [Conv2d] with respect to its input: x `[n, oc, oh, ow]`, weights
/// `[oc, c/groups, kh, kw]`, result `[n, c, height, width]`. The size of the result is given, because a stride above 1
/// leaves a choice (PyTorch's output padding).
///
/// @param spec stride, padding, dilation, groups of the convolution that this transposes
/// @param height height of the result
/// @param width width of the result
public record ConvTranspose2d(ConvSpec spec, int height, int width) implements Op {
    @Override
    public String name() {
        return "convTranspose2d";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Shape x = inputs.get(0).shape();
        Shape w = inputs.get(1).shape();
        if (x.rank() != 4 || w.rank() != 4) {
            throw new IllegalArgumentException(
                    name() + ": needs input [n, c, h, w] and weight [c, oc/groups, kh, kw]: " + x + " and " + w);
        }
        Shape result = Shape.of(x.dim(0), w.dim(1) * spec.groups(), height, width);
        Shape back = Conv2d.outputShape(name(), spec, result, w);
        if (!back.equals(x)) {
            throw new IllegalArgumentException(name() + ": a convolution of " + result + " with weight " + w + " gives "
                    + back + ", not the input's shape " + x + "; " + spec);
        }
        return List.of(inputs.getFirst().with(result));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.conv().dataGradient(spec, in.get(0), in.get(1), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape w = context.inputSignature(1).shape();
        Tensor gradient = Dense.plane(context.gradient());
        return Arrays.asList(
                context.needs(0) ? Tensor.applyOne(Conv2d.plain(spec), gradient, context.input(1)) : null,
                context.needs(1)
                        ? Tensor.applyOne(new ConvWeightGradient(spec, w.dim(2), w.dim(3)), gradient, context.input(0))
                        : null);
    }
}
