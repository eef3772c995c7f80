package dev.gatun.ops;

import java.util.List;

/// Arithmetic with broadcasting: shapes are aligned at the last dim, and sizes must be equal or 1. Element types are
/// promoted as in PyTorch. A number beside a tensor takes the tensor's type; a fraction beside integers makes F32.
/// Shapes that do not broadcast throw [IllegalArgumentException].
public sealed interface Arithmetic permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// `this + other`.
    default Tensor add(Tensor other) {
        return Tensor.applyOne(PointwiseTable.ADD, self(), other);
    }

    /// `this + other`.
    default Tensor add(double other) {
        return Scalars.with(PointwiseTable.ADD, self(), other, false);
    }

    /// `this − other`.
    default Tensor sub(Tensor other) {
        return Tensor.applyOne(PointwiseTable.SUB, self(), other);
    }

    /// `this − other`.
    default Tensor sub(double other) {
        return Scalars.with(PointwiseTable.SUB, self(), other, false);
    }

    /// `other − this`.
    default Tensor rsub(double other) {
        return Scalars.with(PointwiseTable.SUB, self(), other, true);
    }

    /// `this · other`.
    default Tensor mul(Tensor other) {
        return Tensor.applyOne(PointwiseTable.MUL, self(), other);
    }

    /// `this · other`.
    default Tensor mul(double other) {
        return Scalars.with(PointwiseTable.MUL, self(), other, false);
    }

    /// `this / other`, floating-point also for integers.
    default Tensor div(Tensor other) {
        return Tensor.applyOne(PointwiseTable.DIV, self(), other);
    }

    /// `this / other`, floating-point also for integers.
    default Tensor div(double other) {
        return Scalars.with(PointwiseTable.DIV, self(), other, false);
    }

    /// `⌊this / other⌋`, of the promoted type; whole numbers are divided exactly. Has no gradient.
    default Tensor floorDivide(Tensor other) {
        return self().sub(self().remainder(other)).div(other).round().to(Promotion.of(
                List.of(self().signature(), other.signature()))).detach();
    }

    /// `this` to the power `other`.
    default Tensor pow(Tensor other) {
        return Tensor.applyOne(PointwiseTable.POW, self(), other);
    }

    /// `this` to the power `other`.
    default Tensor pow(double other) {
        return Scalars.with(PointwiseTable.POW, self(), other, false);
    }

    /// `this mod other`, with the sign of other.
    default Tensor remainder(Tensor other) {
        return Tensor.applyOne(PointwiseTable.REMAINDER, self(), other);
    }

    /// `this mod other`, with the sign of other.
    default Tensor remainder(double other) {
        return Scalars.with(PointwiseTable.REMAINDER, self(), other, false);
    }

    /// The larger of the two, NaN when either is; equal ones share the gradient.
    default Tensor maximum(Tensor other) {
        return Tensor.applyOne(PointwiseTable.MAXIMUM, self(), other);
    }

    /// The larger of the two, NaN when either is; equal ones share the gradient.
    default Tensor maximum(double other) {
        return Scalars.with(PointwiseTable.MAXIMUM, self(), other, false);
    }

    /// The smaller of the two, NaN when either is; equal ones share the gradient.
    default Tensor minimum(Tensor other) {
        return Tensor.applyOne(PointwiseTable.MINIMUM, self(), other);
    }

    /// The smaller of the two, NaN when either is; equal ones share the gradient.
    default Tensor minimum(double other) {
        return Scalars.with(PointwiseTable.MINIMUM, self(), other, false);
    }

    /// `this + factor·other`.
    default Tensor add(Tensor other, double factor) {
        return self().add(other.mul(factor));
    }

    /// `min(max(this, low), high)`; the gradient passes where `low ≤ this ≤ high`.
    default Tensor clamp(double low, double high) {
        try (Tensor l = Scalars.of(self(), low); Tensor h = Scalars.of(self(), high)) {
            return Tensor.applyOne(PointwiseTable.CLAMP, self(), l, h);
        }
    }

    /// `this + weight·(other − this)`.
    default Tensor lerp(Tensor other, double weight) {
        return self().add(other.sub(self()).mul(weight));
    }
}
