package dev.gatun.nn.layers;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.nn.Module;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.Typing;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Batch normalisation per channel (Ioffe and Szegedy, 2015): `y = (x − mean)/√(variance + eps)·weight + bias`.
/// In training mean and biased variance are those of the batch, and the running statistics follow:
/// `running ← (1 − momentum)·running + momentum·batch`, with the unbiased variance; in evaluation the running ones are
/// used. Training on one value per channel throws.
///
/// Parameters `weight`, `bias` `[channels]`; buffers `running_mean`, `running_var` `[channels]`,
/// `num_batches_tracked` `[]`.
public final class BatchNorm extends Module {
    /// `x·scale + shift`, operands in this order.
    public static final Pointwise AFFINE = new Pointwise("affine", 3,
            Expr.input(0).times(Expr.input(1)).plus(Expr.input(2)),
            List.of(Expr.input(4).times(Expr.input(1)), Expr.input(4).times(Expr.input(0)), Expr.input(4)),
            Typing.PROMOTED);

    private final int dims;
    private final Options options;
    private final @Nullable Tensor weight;
    private final @Nullable Tensor bias;
    private final @Nullable Tensor mean;
    private final @Nullable Tensor variance;
    private final @Nullable Tensor batches;

    /// Settings. A NaN `momentum` keeps the plain mean of all batches. Without `track`, evaluation uses the batch too.
    public record Options(double eps, double momentum, boolean affine, boolean track) {
        /// eps 1e−5, momentum 0.1, trained scale and shift, running statistics.
        public static final Options DEFAULT = new Options(1e-5, 0.1, true, true);
    }

    private BatchNorm(int dims, int channels, Options options) {
        if (channels < 1) {
            throw new IllegalArgumentException("batchNorm: at least one channel is needed: " + channels);
        }
        this.dims = dims;
        this.options = options;
        weight = options.affine ? parameter("weight", Tensor.ones(channels)) : null;
        bias = options.affine ? parameter("bias", Tensor.zeros(channels)) : null;
        mean = options.track ? buffer("running_mean", Tensor.zeros(channels)) : null;
        variance = options.track ? buffer("running_var", Tensor.ones(channels)) : null;
        batches = options.track ? buffer("num_batches_tracked", Tensor.zeros(DType.I64, Shape.SCALAR)) : null;
    }

    /// For `[n, channels]` and `[n, channels, length]`.
    public static BatchNorm of1d(int channels) {
        return of1d(channels, Options.DEFAULT);
    }

    /// For `[n, channels]` and `[n, channels, length]`.
    public static BatchNorm of1d(int channels, Options options) {
        return new BatchNorm(1, channels, options);
    }

    /// For `[n, channels, h, w]`.
    public static BatchNorm of2d(int channels) {
        return of2d(channels, Options.DEFAULT);
    }

    /// For `[n, channels, h, w]`.
    public static BatchNorm of2d(int channels, Options options) {
        return new BatchNorm(2, channels, options);
    }

    @Override
    protected Tensor compute(Tensor x) {
        boolean fits = dims == 2 ? x.rank() == 4 : x.rank() == 2 || x.rank() == 3;
        if (!fits) {
            throw new IllegalArgumentException("batchNorm: needs an input " + (dims == 2 ? "[n, channels, h, w]"
                    : "[n, channels] or [n, channels, length]") + ": " + x.shape());
        }
        Tensor gamma = weight != null ? weight : constant(x, 1);
        Tensor beta = bias != null ? bias : constant(x, 0);
        if (!isTraining() && mean != null && variance != null) {
            return evaluate(x, gamma, beta, mean, variance);
        }
        List<Tensor> all = x.batchNorm(gamma, beta, options.eps);
        if (isTraining() && mean != null && variance != null && batches != null) {
            follow(mean, variance, batches, all.get(1).detach(), all.get(2).detach(), (double) x.count() / x.size(1));
        }
        return all.getFirst();
    }

    private Tensor constant(Tensor x, double value) {
        return x.engine().call(() -> Tensor.full(x.dtype(), Shape.of(x.size(1)), value));
    }

    private void follow(Tensor mean, Tensor variance, Tensor batches, Tensor newMean, Tensor newVariance, double n) {
        Autograd.noGrad(() -> {
            batches.addInPlace(1);
            double part = Double.isNaN(options.momentum) ? 1 / batches.item() : options.momentum;
            mean.mulInPlace(1 - part).addInPlace(newMean.mul(part));
            variance.mulInPlace(1 - part).addInPlace(newVariance.mul(part * n / (n - 1)));
        });
    }

    /// As scale and shift, which a compiled session folds into the convolution before it.
    private Tensor evaluate(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance) {
        int[] perChannel = new int[x.rank() - 1];
        Arrays.fill(perChannel, 1);
        perChannel[0] = x.size(1);
        Tensor scale = variance.add(options.eps).rsqrt().mul(gamma);
        Tensor shift = beta.sub(mean.mul(scale));
        return Tensor.applyOne(AFFINE, x, scale.reshape(perChannel), shift.reshape(perChannel));
    }

    @Override
    protected String describe() {
        return "eps=" + options.eps + ", momentum=" + options.momentum + ", affine=" + options.affine;
    }
}
