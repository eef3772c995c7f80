package dev.gatun.ops;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.util.Arrays;
import java.util.List;

/// Folding dims away. No dims named means all of them; a dim may be counted from the end; with `keepDim` the folded dims
/// stay with size 1.
public sealed interface Reductions permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    private Tensor reduce(String name, Reduction reduction, int[] dims, boolean keepDim) {
        Tensor self = self();
        return Tensor.applyOne(Reduce.of(name, reduction, self.shape().axes(name, dims), keepDim), self);
    }

    /// Sum of all elements; integers and BOOL give I64.
    default Tensor sum(int... dims) {
        return sum(dims, false);
    }

    /// Sum over dims; of nothing 0.
    default Tensor sum(int[] dims, boolean keepDim) {
        return reduce("sum", Reduction.SUM, dims, keepDim);
    }

    /// Mean over dims; floating-point tensors only.
    default Tensor mean(int... dims) {
        return mean(dims, false);
    }

    /// Mean over dims; of nothing NaN.
    default Tensor mean(int[] dims, boolean keepDim) {
        return reduce("mean", Reduction.MEAN, dims, keepDim);
    }

    /// Largest of all elements, as [#amax].
    default Tensor max() {
        return amax();
    }

    /// Smallest of all elements, as [#amin].
    default Tensor min() {
        return amin();
    }

    /// Product over dims.
    default Tensor prod(int... dims) {
        return prod(dims, false);
    }

    /// Product over dims; of nothing 1.
    default Tensor prod(int[] dims, boolean keepDim) {
        return reduce("prod", Reduction.PROD, dims, keepDim);
    }

    /// Largest over dims, NaN when any is; equal ones share the gradient. Throws when a folded dim is empty.
    default Tensor amax(int... dims) {
        return amax(dims, false);
    }

    /// Largest over dims.
    default Tensor amax(int[] dims, boolean keepDim) {
        return reduce("amax", Reduction.MAX, dims, keepDim).to(self().dtype());
    }

    /// Smallest over dims, NaN when any is; equal ones share the gradient. Throws when a folded dim is empty.
    default Tensor amin(int... dims) {
        return amin(dims, false);
    }

    /// Smallest over dims.
    default Tensor amin(int[] dims, boolean keepDim) {
        return reduce("amin", Reduction.MIN, dims, keepDim).to(self().dtype());
    }

    /// Variance of all elements with divisor count − 1.
    default Tensor var() {
        return var(new int[0], 1, false);
    }

    /// `Σ (x − mean)² / (n − correction)` over dims, in two passes; 0 or less below gives NaN or Inf as the division does.
    default Tensor var(int[] dims, double correction, boolean keepDim) {
        Tensor self = self();
        int[] axes = self.shape().axes("var", dims);
        Tensor mean = self.mean(axes.length == 0 ? dims : axes, true);
        Expr deviation = Expr.input(0).minus(Expr.input(1));
        Tensor squares = Tensor.applyOne(new Reduce("var", Reduction.SUM, deviation.times(deviation), 2,
                boxed(axes), keepDim), self, mean);
        double n = 1;
        for (int axis : axes) {
            n *= self.size(axis);
        }
        return squares.div(Math.max(0, n - correction));
    }

    /// Standard deviation of all elements with divisor count − 1.
    default Tensor std() {
        return std(new int[0], 1, false);
    }

    /// Square root of [#var(int[], double, boolean)].
    default Tensor std(int[] dims, double correction, boolean keepDim) {
        return rootOrZero(var(dims, correction, keepDim));
    }

    /// `ln Σ eˣ` over dims without overflow; a row of −Inf gives −Inf.
    default Tensor logSumExp(int[] dims, boolean keepDim) {
        Tensor self = self();
        int[] axes = self.shape().axes("logSumExp", dims);
        Tensor largest = Autograd.noGrad(() -> {
            Tensor m = self.amax(axes, true);
            return Tensor.where(m.abs().eq(Double.POSITIVE_INFINITY), Tensor.zerosLike(m), m);
        });
        Expr shifted = Expr.input(0).minus(Expr.input(1)).apply(UnaryFunction.EXP);
        Tensor sum = Tensor.applyOne(new Reduce("logSumExp", Reduction.SUM, shifted, 2,
                boxed(axes), true), self, largest);
        Tensor result = sum.log().add(largest);
        return keepDim ? result : result.reshape(self.shape().reduced(axes, false).dims());
    }

    /// Euclidean norm of all elements.
    default Tensor norm() {
        return norm(2, new int[0], false);
    }

    /// `(Σ |x|ᵖ)^(1/p)` over dims; p = Inf is the largest absolute value.
    default Tensor norm(double p, int[] dims, boolean keepDim) {
        Tensor self = self();
        if (p == 2) {
            Tensor squares = Tensor.applyOne(new Reduce("norm", Reduction.SUM, Expr.input(0).times(Expr.input(0)), 1,
                    boxed(self.shape().axes("norm", dims)), keepDim), self);
            return rootOrZero(squares);
        }
        if (p == Double.POSITIVE_INFINITY) {
            return self.abs().amax(dims, keepDim);
        }
        if (p == 1) {
            return self.abs().sum(dims, keepDim);
        }
        if (!(p > 0)) {
            throw new IllegalArgumentException("norm: p must be positive: " + p);
        }
        return self.abs().pow(p).sum(dims, keepDim).pow(1 / p);
    }

    /// True when any element is not 0; of nothing false.
    default boolean any() {
        return self().ne(0).sum().item() != 0;
    }

    /// BOOL: any over `dims`.
    default Tensor any(int[] dims, boolean keepDim) {
        return self().ne(0).sum(dims, keepDim).ne(0);
    }

    /// True when no element is 0; of nothing true.
    default boolean all() {
        return self().eq(0).sum().item() == 0;
    }

    /// BOOL: all over `dims`.
    default Tensor all(int[] dims, boolean keepDim) {
        return self().eq(0).sum(dims, keepDim).eq(0);
    }

    /// The square root with derivative 0 at 0, where the root itself has none.
    private static Tensor rootOrZero(Tensor x) {
        Tensor isZero = x.eq(0);
        return Tensor.where(isZero, Tensor.zerosLike(x), Tensor.where(isZero, Tensor.onesLike(x), x).sqrt());
    }

    private static List<Integer> boxed(int[] dims) {
        return Arrays.stream(dims).boxed().toList();
    }

    /// The count of elements that are not 0, as a number.
    default long countNonZero() {
        return (long) self().ne(0).to(DType.I64).sum().item();
    }
}
