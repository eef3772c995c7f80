package dev.gatun.ops;

import dev.gatun.kernels.DType;

/// Functions of every element. Integers give F32, but where the function stays within integers.
public sealed interface Functions permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// `−x`.
    default Tensor neg() {
        return Tensor.applyOne(PointwiseTable.NEG, self());
    }

    /// `|x|`, derivative 0 at 0.
    default Tensor abs() {
        return Tensor.applyOne(PointwiseTable.ABS, self());
    }

    /// Square root.
    default Tensor sqrt() {
        return Tensor.applyOne(PointwiseTable.SQRT, self());
    }

    /// `1 / √x`.
    default Tensor rsqrt() {
        return Tensor.applyOne(PointwiseTable.RSQRT, self());
    }

    /// `x²`.
    default Tensor square() {
        return Tensor.applyOne(PointwiseTable.SQUARE, self());
    }

    /// `1 / x`.
    default Tensor reciprocal() {
        return Tensor.applyOne(PointwiseTable.RECIPROCAL, self());
    }

    /// `eˣ`.
    default Tensor exp() {
        return Tensor.applyOne(PointwiseTable.EXP, self());
    }

    /// `eˣ − 1`.
    default Tensor expm1() {
        return Tensor.applyOne(PointwiseTable.EXPM1, self());
    }

    /// Natural logarithm.
    default Tensor log() {
        return Tensor.applyOne(PointwiseTable.LOG, self());
    }

    /// `ln(1 + x)`.
    default Tensor log1p() {
        return Tensor.applyOne(PointwiseTable.LOG1P, self());
    }

    /// Logarithm to base 2.
    default Tensor log2() {
        return self().log().mul(1 / Math.log(2));
    }

    /// Logarithm to base 10.
    default Tensor log10() {
        return self().log().mul(1 / Math.log(10));
    }

    /// Sine of radians.
    default Tensor sin() {
        return Tensor.applyOne(PointwiseTable.SIN, self());
    }

    /// Cosine of radians.
    default Tensor cos() {
        return Tensor.applyOne(PointwiseTable.COS, self());
    }

    /// Tangent of radians.
    default Tensor tan() {
        return self().sin().div(self().cos());
    }

    /// Hyperbolic tangent.
    default Tensor tanh() {
        return Tensor.applyOne(PointwiseTable.TANH, self());
    }

    /// `1 / (1 + e⁻ˣ)`.
    default Tensor sigmoid() {
        return Tensor.applyOne(PointwiseTable.SIGMOID, self());
    }

    /// `ln(1 + eˣ)` without overflow.
    default Tensor softplus() {
        return Tensor.applyOne(PointwiseTable.SOFTPLUS, self());
    }

    /// Error function.
    default Tensor erf() {
        return Tensor.applyOne(PointwiseTable.ERF, self());
    }

    /// `max(x, 0)`, derivative 0 at 0, NaN stays.
    default Tensor relu() {
        return Tensor.applyOne(PointwiseTable.RELU, self());
    }

    /// `x · Φ(x)`, the exact form.
    default Tensor gelu() {
        return Tensor.applyOne(PointwiseTable.GELU, self());
    }

    /// `x · sigmoid(x)`.
    default Tensor silu() {
        return Tensor.applyOne(PointwiseTable.SILU, self());
    }

    /// Largest integer ≤ x; derivative 0.
    default Tensor floor() {
        return Tensor.applyOne(PointwiseTable.FLOOR, self());
    }

    /// Smallest integer ≥ x; derivative 0.
    default Tensor ceil() {
        return Tensor.applyOne(PointwiseTable.CEIL, self());
    }

    /// Nearest integer, ties to even; derivative 0.
    default Tensor round() {
        return Tensor.applyOne(PointwiseTable.ROUND, self());
    }

    /// −1, 0 or 1 with the sign of x; derivative 0.
    default Tensor sign() {
        return Tensor.applyOne(PointwiseTable.SIGN, self());
    }

    /// The same numbers as `dtype`: floats become integers by truncation, saturating; BOOL is "not zero". This tensor
    /// itself when it has that type.
    default Tensor to(DType dtype) {
        return self().dtype() == dtype ? self() : Tensor.applyOne(Pointwise.conversion(dtype), self());
    }

    /// The same numbers in memory of their own, row-major; recorded.
    default Tensor copy() {
        return Tensor.applyOne(new Copy(), self());
    }
}
