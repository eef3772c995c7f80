package dev.gatun.ops;

import java.util.List;

/// Operations that write their result into this tensor. `other` broadcasts to this shape; this never grows. Where
/// gradients are recorded they throw for leaves and for views, and the backward of whatever had saved the old numbers
/// throws later.
public sealed interface InPlace permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// `this ← this + other`. Returns this.
    default Tensor addInPlace(Tensor other) {
        Eager.runInPlace(PointwiseTable.ADD, self(), List.of(other));
        return self();
    }

    /// `this ← this + other`. Returns this.
    default Tensor addInPlace(double other) {
        Scalars.inPlace(PointwiseTable.ADD, self(), other);
        return self();
    }

    /// `this ← this − other`. Returns this.
    default Tensor subInPlace(Tensor other) {
        Eager.runInPlace(PointwiseTable.SUB, self(), List.of(other));
        return self();
    }

    /// `this ← this − other`. Returns this.
    default Tensor subInPlace(double other) {
        Scalars.inPlace(PointwiseTable.SUB, self(), other);
        return self();
    }

    /// `this ← this · other`. Returns this.
    default Tensor mulInPlace(Tensor other) {
        Eager.runInPlace(PointwiseTable.MUL, self(), List.of(other));
        return self();
    }

    /// `this ← this · other`. Returns this.
    default Tensor mulInPlace(double other) {
        Scalars.inPlace(PointwiseTable.MUL, self(), other);
        return self();
    }

    /// `this ← this / other`; not for integers. Returns this.
    default Tensor divInPlace(Tensor other) {
        Eager.runInPlace(PointwiseTable.DIV, self(), List.of(other));
        return self();
    }

    /// `this ← this / other`; not for integers. Returns this.
    default Tensor divInPlace(double other) {
        Scalars.inPlace(PointwiseTable.DIV, self(), other);
        return self();
    }

    /// `this ← max(this, 0)`. Returns this.
    default Tensor reluInPlace() {
        Eager.runInPlace(PointwiseTable.RELU, self(), List.of());
        return self();
    }

    /// `this ← −this`. Returns this.
    default Tensor negInPlace() {
        Eager.runInPlace(PointwiseTable.NEG, self(), List.of());
        return self();
    }

    /// `this ← e^this`. Returns this.
    default Tensor expInPlace() {
        Eager.runInPlace(PointwiseTable.EXP, self(), List.of());
        return self();
    }

    /// `this ← √this`. Returns this.
    default Tensor sqrtInPlace() {
        Eager.runInPlace(PointwiseTable.SQRT, self(), List.of());
        return self();
    }

    /// `this ← min(max(this, low), high)`. Returns this.
    default Tensor clampInPlace(double low, double high) {
        try (Tensor l = Scalars.of(self(), low); Tensor h = Scalars.of(self(), high)) {
            Eager.runInPlace(PointwiseTable.CLAMP, self(), List.of(l, h));
        }
        return self();
    }

    /// Every element becomes `value`. Returns this.
    default Tensor fillInPlace(double value) {
        Scalars.inPlace(Assign.FILL, self(), value);
        return self();
    }

    /// Every element becomes 0. Returns this.
    default Tensor zeroInPlace() {
        return fillInPlace(0);
    }

    /// Takes the numbers of `other`, which broadcasts to this shape and is converted to this type. Returns this.
    default Tensor copyFrom(Tensor other) {
        Eager.runInPlace(Assign.to(self().dtype()), self(), List.of(other));
        return self();
    }
}
