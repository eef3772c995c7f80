package dev.gatun.ops;

import java.util.Arrays;

/// Products of matrices and vectors.
public sealed interface Products permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// Matrix product with PyTorch's rules: leading dims broadcast; a vector on the left is a row, on the right a column,
    /// and that dim disappears from the result.
    default Tensor matmul(Tensor other) {
        Tensor a = self();
        if (a.rank() == 0 || other.rank() == 0) {
            throw new IllegalArgumentException("matmul: scalars have no matrix product: " + a.shape() + " and "
                    + other.shape() + "; use mul");
        }
        if (a.rank() == 1 && other.rank() == 1) {
            return dot(other);
        }
        if (a.rank() == 1) {
            return a.unsqueeze(0).matmul(other).squeeze(-2);
        }
        if (other.rank() == 1) {
            return a.matmul(other.unsqueeze(1)).squeeze(-1);
        }
        if (a.rank() > 2 && other.rank() == 2 && a.size(-1) == other.size(0)) {
            // One product of all rows instead of a batch of them; the gradient of the right side needs no sum either.
            int[] dims = a.shape().dims();
            Tensor rows = a.reshape(rows(a.shape()), a.size(-1));
            dims[dims.length - 1] = other.size(1);
            return Tensor.applyOne(MatMul.PLAIN, rows, other).reshape(dims);
        }
        return Tensor.applyOne(MatMul.PLAIN, a, other);
    }

    private static int rows(Shape shape) {
        int[] dims = shape.dims();
        return new Shape(Arrays.copyOf(dims, dims.length - 1)).count();
    }

    /// Product of two batches of matrices, `[b, m, k]` and `[b, k, n]`.
    default Tensor bmm(Tensor other) {
        if (self().rank() != 3 || other.rank() != 3 || self().size(0) != other.size(0)) {
            throw new IllegalArgumentException("bmm: needs two batches of as many matrices: " + self().shape() + " and "
                    + other.shape());
        }
        return Tensor.applyOne(MatMul.PLAIN, self(), other);
    }

    /// `Σ xᵢ·yᵢ` of two vectors.
    default Tensor dot(Tensor other) {
        if (self().rank() != 1 || !self().shape().equals(other.shape())) {
            throw new IllegalArgumentException(
                    "dot: needs two vectors of one length: " + self().shape() + " and " + other.shape());
        }
        return Tensor.applyOne(MatMul.PLAIN, self().unsqueeze(0), other.unsqueeze(1)).reshape();
    }

    /// `xᵢ·yⱼ` of two vectors.
    default Tensor outer(Tensor other) {
        if (self().rank() != 1 || other.rank() != 1) {
            throw new IllegalArgumentException(
                    "outer: needs two vectors: " + self().shape() + " and " + other.shape());
        }
        return self().unsqueeze(1).mul(other.unsqueeze(0));
    }

    /// `x·Wᵀ + b` over the last dim: this `[…, in]`, weight `[out, in]`, bias `[out]`.
    default Tensor linear(Tensor weight, Tensor bias) {
        return linear(MatMul.BIASED, weight, bias);
    }

    /// `x·Wᵀ` over the last dim: this `[…, in]`, weight `[out, in]`.
    default Tensor linear(Tensor weight) {
        return linear(MatMul.PLAIN, weight);
    }

    private Tensor linear(MatMul op, Tensor weight, Tensor... bias) {
        Tensor x = self();
        if (weight.rank() != 2 || x.rank() == 0 || x.size(-1) != weight.size(1)
                || (bias.length == 1 && !bias[0].shape().equals(Shape.of(weight.size(0))))) {
            throw new IllegalArgumentException("linear: needs input [..., in], weight [out, in], bias [out]: input "
                    + x.shape() + ", weight " + weight.shape() + (bias.length == 1 ? ", bias " + bias[0].shape() : ""));
        }
        int[] dims = x.shape().dims();
        Tensor rows = x.rank() == 2 ? x : x.reshape(rows(x.shape()), x.size(-1));
        Tensor y = bias.length == 1 ? Tensor.applyOne(op, rows, weight.t(), bias[0])
                : Tensor.applyOne(op, rows, weight.t());
        dims[dims.length - 1] = weight.size(0);
        return x.rank() == 2 ? y : y.reshape(dims);
    }
}
