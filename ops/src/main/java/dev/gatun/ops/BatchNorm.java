package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Batch normalisation with the statistics of the batch: x `[n, c, …]` (row-major), gamma and beta `[c]` give
/// `y = (x − mean)·(variance + eps)^−½·gamma + beta`, the mean and the biased variance of each channel.
///
/// @param eps what keeps the division from zero
public record BatchNorm(double eps) implements Op {
    @Override
    public String name() {
        return "batchNorm";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 3);
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Signature x = inputs.getFirst();
        if (x.shape().rank() < 2) {
            throw new IllegalArgumentException(name() + ": needs input [n, c, ...]: " + x.shape());
        }
        Shape channels = Shape.of(x.shape().dim(1));
        if (!inputs.get(1).shape().equals(channels) || !inputs.get(2).shape().equals(channels)) {
            throw new IllegalArgumentException(name() + ": gamma and beta need one number per channel: input "
                    + x.shape() + ", gamma " + inputs.get(1).shape() + ", beta " + inputs.get(2).shape());
        }
        if (x.shape().count() == x.shape().dim(1)) {
            throw new IllegalArgumentException(
                    name() + ": training needs more than one value per channel: input " + x.shape());
        }
        return List.of(x, x.with(channels), x.with(channels));
    }

    /// `[n, c, …]` as `[n, c, l]`.
    static View lines(View x) {
        int[] dims = x.dims();
        int l = 1;
        for (int i = 2; i < dims.length; i++) {
            l *= dims[i];
        }
        return new Reshape(Shape.of(dims[0], dims[1], l)).apply(x);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.norm().batchNorm(
                lines(in.get(0)), in.get(1), in.get(2), eps, lines(out.get(0)), out.get(1), out.get(2));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape x = context.inputSignature(0).shape();
        int[] perChannel = new int[x.rank()];
        Arrays.fill(perChannel, 1);
        perChannel[1] = x.dim(1);
        double values = (double) x.count() / x.dim(1);
        List<Tensor> all = Tensor.apply(new BatchNormGradient(eps), context.input(0), context.input(1),
                context.output(1), context.output(2), context.gradient().contiguous());
        Tensor gx = all.getFirst();
        if (context.hasGradient(1)) {
            gx = gx.add(context.gradient(1).div(values).reshape(perChannel));
        }
        if (context.hasGradient(2)) {
            Tensor deviation = context.input(0).sub(context.output(1).reshape(perChannel));
            gx = gx.add(deviation.mul(context.gradient(2).mul(2 / values).reshape(perChannel)));
        }
        return Arrays.asList(gx, all.get(1), all.get(2));
    }

    @Override
    public boolean savesInput(int index) {
        return index < 2;
    }

    @Override
    public boolean savesOutput(int index) {
        return index > 0;
    }
}
