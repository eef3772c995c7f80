package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of [Conv2d] with respect to its weights: x `[n, c, h, w]` and the gradient of the result
/// `[n, oc, oh, ow]` give `[oc, c/groups, kh, kw]`.
///
/// @param spec the convolution
/// @param kh height of the filter
/// @param kw width of the filter
public record ConvWeightGradient(ConvSpec spec, int kh, int kw) implements Op {
    @Override
    public String name() {
        return "convWeightGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 2);
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Shape x = inputs.get(0).shape();
        Shape gy = inputs.get(1).shape();
        if (x.rank() != 4 || gy.rank() != 4) {
            throw new IllegalArgumentException(
                    name() + ": needs input [n, c, h, w] and gradient [n, oc, oh, ow]: " + x + " and " + gy);
        }
        Shape w = Shape.of(gy.dim(1), x.dim(1) / spec.groups(), kh, kw);
        Shape expected = Conv2d.outputShape(name(), spec, x, w);
        if (!expected.equals(gy)) {
            throw new IllegalArgumentException(
                    name() + ": the gradient has shape " + gy + ", the convolution gives " + expected);
        }
        return List.of(inputs.getFirst().with(w));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.conv().weightGradient(spec, in.get(0), in.get(1), out.getFirst());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape x = context.inputSignature(0).shape();
        Tensor gradient = Dense.plane(context.gradient());
        return Arrays.asList(
                context.needs(0)
                        ? Tensor.applyOne(new ConvTranspose2d(spec, x.dim(2), x.dim(3)), context.input(1), gradient)
                        : null,
                context.needs(1) ? Tensor.applyOne(Conv2d.plain(spec), context.input(0), gradient) : null);
    }
}
