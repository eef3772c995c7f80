package dev.gatun.ops;

/// Comparisons with broadcasting; the result is BOOL. Comparing with NaN is false, but for `ne`.
public sealed interface Comparisons permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// True where equal.
    default Tensor eq(Tensor other) {
        return Tensor.applyOne(PointwiseTable.EQ, self(), other);
    }

    /// True where equal.
    default Tensor eq(double other) {
        return Scalars.with(PointwiseTable.EQ, self(), other, false);
    }

    /// True where not equal.
    default Tensor ne(Tensor other) {
        return Tensor.applyOne(PointwiseTable.NE, self(), other);
    }

    /// True where not equal.
    default Tensor ne(double other) {
        return Scalars.with(PointwiseTable.NE, self(), other, false);
    }

    /// True where this < other.
    default Tensor lt(Tensor other) {
        return Tensor.applyOne(PointwiseTable.LT, self(), other);
    }

    /// True where this < other.
    default Tensor lt(double other) {
        return Scalars.with(PointwiseTable.LT, self(), other, false);
    }

    /// True where this ≤ other.
    default Tensor le(Tensor other) {
        return Tensor.applyOne(PointwiseTable.LE, self(), other);
    }

    /// True where this ≤ other.
    default Tensor le(double other) {
        return Scalars.with(PointwiseTable.LE, self(), other, false);
    }

    /// True where this > other.
    default Tensor gt(Tensor other) {
        return Tensor.applyOne(PointwiseTable.GT, self(), other);
    }

    /// True where this > other.
    default Tensor gt(double other) {
        return Scalars.with(PointwiseTable.GT, self(), other, false);
    }

    /// True where this ≥ other.
    default Tensor ge(Tensor other) {
        return Tensor.applyOne(PointwiseTable.GE, self(), other);
    }

    /// True where this ≥ other.
    default Tensor ge(double other) {
        return Scalars.with(PointwiseTable.GE, self(), other, false);
    }

    /// True where both are not 0.
    default Tensor logicalAnd(Tensor other) {
        return Tensor.applyOne(PointwiseTable.AND, self(), other);
    }

    /// True where either is not 0.
    default Tensor logicalOr(Tensor other) {
        return Tensor.applyOne(PointwiseTable.OR, self(), other);
    }

    /// True where 0.
    default Tensor logicalNot() {
        return Tensor.applyOne(PointwiseTable.NOT, self());
    }

    /// True where NaN.
    default Tensor isNan() {
        return Tensor.applyOne(PointwiseTable.IS_NAN, self());
    }

    /// True when both have type, shape and every element equal (NaN equals nothing).
    default boolean equal(Tensor other) {
        return self().signature().equals(other.signature()) && self().eq(other).all();
    }

    /// True when shapes are equal and `|this − other| ≤ atol + rtol·|other|` everywhere; equal infinities are close.
    default boolean allClose(Tensor other, double rtol, double atol) {
        if (!self().shape().equals(other.shape())) {
            return false;
        }
        double[] a = self().toDoubles();
        double[] b = other.toDoubles();
        for (int i = 0; i < a.length; i++) {
            if (a[i] != b[i] && !(Math.abs(a[i] - b[i]) <= atol + rtol * Math.abs(b[i]))) {
                return false;
            }
        }
        return true;
    }

    /// [#allClose(Tensor, double, double)] with PyTorch's rtol 1e-5 and atol 1e-8.
    default boolean allClose(Tensor other) {
        return allClose(other, 1e-5, 1e-8);
    }
}
