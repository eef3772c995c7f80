package dev.gatun.ops;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.PoolSpec;
import java.util.List;

/// The operations that layers are made of.
public sealed interface Layers permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// Convolution of this `[n, c, h, w]` with weights `[oc, c/groups, kh, kw]`.
    default Tensor conv2d(Tensor weight, ConvSpec spec) {
        return Tensor.applyOne(Conv2d.plain(spec), Dense.plane(self()), Dense.plane(weight));
    }

    /// Convolution of this `[n, c, h, w]` with weights `[oc, c/groups, kh, kw]` plus a bias `[oc]`.
    default Tensor conv2d(Tensor weight, Tensor bias, ConvSpec spec) {
        if (weight.rank() != 4 || bias.rank() != 1 || bias.size(0) != weight.size(0)) {
            throw new IllegalArgumentException("conv2d: needs weight [oc, c/groups, kh, kw] and bias [oc]: weight "
                    + weight.shape() + ", bias " + bias.shape());
        }
        return Tensor.applyOne(Conv2d.biased(spec), Dense.plane(self()), Dense.plane(weight), bias.reshape(-1, 1, 1));
    }

    /// Transposed convolution of this `[n, c, h, w]` with weights `[c, oc/groups, kh, kw]`: the convolution `spec` with
    /// input and output exchanged, its result `outputPadding` rows and columns larger than the least.
    default Tensor convTranspose2d(Tensor weight, ConvSpec spec, int outputPaddingH, int outputPaddingW) {
        Tensor x = self();
        if (x.rank() != 4 || weight.rank() != 4) {
            throw new IllegalArgumentException("convTranspose2d: needs input [n, c, h, w] and weight"
                    + " [c, oc/groups, kh, kw]: " + x.shape() + " and " + weight.shape());
        }
        int height = (x.size(2) - 1) * spec.strideH() - spec.padTop() - spec.padBottom()
                + spec.dilationH() * (weight.size(2) - 1) + outputPaddingH + 1;
        int width = (x.size(3) - 1) * spec.strideW() - spec.padLeft() - spec.padRight()
                + spec.dilationW() * (weight.size(3) - 1) + outputPaddingW + 1;
        return Tensor.applyOne(new ConvTranspose2d(spec, height, width), Dense.plane(x), Dense.plane(weight));
    }

    /// Largest value of each window of this `[n, c, h, w]`, and its position `ih·w + iw` (I64).
    default List<Tensor> maxPool(PoolSpec spec) {
        return Tensor.apply(new MaxPool(spec), Dense.plane(self()));
    }

    /// Largest value of each square window.
    default Tensor maxPool2d(int kernel, int stride, int padding) {
        return maxPool(windows("maxPool2d", kernel, stride, padding, false)).getFirst();
    }

    /// Mean of each window of this `[n, c, h, w]`.
    default Tensor averagePool(PoolSpec spec) {
        return Tensor.applyOne(new AveragePool(spec), Dense.plane(self()));
    }

    /// Mean of each square window, padding counted, as PyTorch does.
    default Tensor averagePool2d(int kernel, int stride, int padding) {
        return averagePool(windows("averagePool2d", kernel, stride, padding, true));
    }

    private PoolSpec windows(String op, int kernel, int stride, int padding, boolean countPadding) {
        image(op);
        return new PoolSpec(PoolSpec.Windows.fixed(self().size(2), kernel, stride, padding, 1, false),
                PoolSpec.Windows.fixed(self().size(3), kernel, stride, padding, 1, false), countPadding);
    }

    /// Mean of `height`×`width` windows that cover this `[n, c, h, w]` evenly.
    default Tensor adaptiveAveragePool2d(int height, int width) {
        image("adaptiveAveragePool2d");
        return averagePool(new PoolSpec(PoolSpec.Windows.adaptive(self().size(2), height),
                PoolSpec.Windows.adaptive(self().size(3), width), false));
    }

    private void image(String op) {
        if (self().rank() != 4) {
            throw new IllegalArgumentException(op + ": needs input [n, c, h, w]: " + self().shape());
        }
    }

    /// Batch normalisation of this `[n, c, …]` with the statistics of the batch; gives the result, and mean and biased
    /// variance per channel.
    default List<Tensor> batchNorm(Tensor gamma, Tensor beta, double eps) {
        return Tensor.apply(new BatchNorm(eps), self().contiguous(), gamma, beta);
    }

    /// Layer norm over the last `dims` dims, without weight and bias.
    default Tensor layerNorm(int dims, double eps) {
        return Tensor.apply(new LayerNorm(dims, eps), self().contiguous()).getFirst();
    }

    /// Layer norm over the dims of `weight`, the last of this tensor.
    default Tensor layerNorm(Tensor weight, double eps) {
        return Tensor.apply(new LayerNorm(weight.rank(), eps), self().contiguous(), weight.contiguous()).getFirst();
    }

    /// Layer norm over the dims of `weight`, the last of this tensor: `(x − mean)·(variance + eps)^−½·weight + bias`.
    default Tensor layerNorm(Tensor weight, Tensor bias, double eps) {
        return Tensor.apply(new LayerNorm(weight.rank(), eps), self().contiguous(), weight.contiguous(),
                bias.contiguous()).getFirst();
    }

    /// RMS norm over the last `dims` dims, without weight.
    default Tensor rmsNorm(int dims, double eps) {
        return Tensor.apply(new RmsNorm(dims, eps), self().contiguous()).getFirst();
    }

    /// RMS norm over the dims of `weight`, the last of this tensor: `x·(mean(x²) + eps)^−½·weight`.
    default Tensor rmsNorm(Tensor weight, double eps) {
        return Tensor.apply(new RmsNorm(weight.rank(), eps), self().contiguous(), weight.contiguous()).getFirst();
    }

    /// The rows of this table `[rows, d]` that the indices (I64 or I32, any shape) name: `[…, d]`. Row `padding` (−1 for
    /// none) gets no gradient.
    default Tensor embedding(Tensor indices, int padding) {
        return Tensor.applyOne(new Embedding(padding), self(), indices.contiguous());
    }

    /// Attention of these queries `[n, heads, tq, d]` to keys `[n, kvHeads, tk, d]` and values `[n, kvHeads, tk, dv]`, as
    /// `options` say: `[n, heads, tq, dv]`.
    default Tensor scaledDotProductAttention(Tensor keys, Tensor values, Attention options) {
        return options.apply(self(), keys, values);
    }

    /// `softmax(q·kᵀ/√d)·v` of these queries.
    default Tensor scaledDotProductAttention(Tensor keys, Tensor values) {
        return Attention.DEFAULT.apply(self(), keys, values);
    }

    /// `e^x / Σ e^x` along `dim`; a row of −Inf only gives NaN.
    default Tensor softmax(int dim) {
        return Tensor.applyOne(new Softmax(self().shape().axis("softmax", dim), false), self());
    }

    /// Logarithm of [#softmax].
    default Tensor logSoftmax(int dim) {
        return Tensor.applyOne(new Softmax(self().shape().axis("logSoftmax", dim), true), self());
    }
}
