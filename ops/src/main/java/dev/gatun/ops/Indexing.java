package dev.gatun.ops;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;

/// Picking, placing, searching and sorting elements. Indices are I64 or I32 tensors; one out of range throws
/// [IndexOutOfBoundsException] that names it, its position and the bound. A dim may be counted from the end.
public sealed interface Indexing permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// `out[.., i, ..] = this[.., index[.., i, ..], ..]` along `dim`; out has the shape of the index.
    default Tensor gather(int dim, Tensor index) {
        return Tensor.applyOne(new Gather(self().shape().axis("gather", dim)), self(), index);
    }

    /// A copy of this in which `out[.., index[.., i, ..], ..] = source[.., i, ..]` along `dim`; the last write stays.
    default Tensor scatter(int dim, Tensor index, Tensor source) {
        return Tensor.applyOne(new Scatter(self().shape().axis("scatter", dim)), self(), index, source);
    }

    /// A copy of this in which `out[.., index[.., i, ..], ..] += source[.., i, ..]` along `dim`.
    default Tensor scatterAdd(int dim, Tensor index, Tensor source) {
        return Tensor.applyOne(new ScatterAdd(self().shape().axis("scatterAdd", dim)), self(), index, source);
    }

    /// The slices of this along `dim` that the vector `index` names.
    default Tensor indexSelect(int dim, Tensor index) {
        return Tensor.applyOne(new IndexSelect(self().shape().axis("indexSelect", dim)), self(), index);
    }

    /// A copy of this with slice i of `source` added to slice `index[i]` along `dim`.
    default Tensor indexAdd(int dim, Tensor index, Tensor source) {
        return Tensor.applyOne(new IndexAdd(self().shape().axis("indexAdd", dim)), self(), index, source);
    }

    /// `value` where the mask (BOOL, broadcast) is true, else this.
    default Tensor maskedFill(Tensor mask, double value) {
        try (Tensor scalar = Scalars.of(self(), value)) {
            return Tensor.where(mask, scalar, self());
        }
    }

    /// The elements where the mask (BOOL, same shape) is true, as a vector. Has a gradient.
    default Tensor maskedSelect(Tensor mask) {
        Tensor places = mask.expandAs(self()).reshape(-1).nonzero();
        return self().reshape(-1).indexSelect(0, places.reshape(-1));
    }

    /// Values and positions of the `k` largest (or smallest) along `dim`, in order.
    default List<Tensor> topk(int k, int dim, boolean largest) {
        int axis = self().shape().axis("topk", dim);
        if (k < 0 || k > self().size(axis)) {
            throw new IllegalArgumentException(
                    "topk: k must lie between 0 and the size of dim " + axis + ": " + k + " for shape "
                            + self().shape());
        }
        return Tensor.apply(new Sort(axis, largest, k), self());
    }

    /// Values and positions of the `k` largest along the last dim, in order.
    default List<Tensor> topk(int k) {
        return topk(k, -1, true);
    }

    /// Values and positions along `dim` in order; stable, NaN as the largest.
    default List<Tensor> sort(int dim, boolean descending) {
        int axis = self().shape().axis("sort", dim);
        return Tensor.apply(new Sort(axis, descending, self().size(axis)), self());
    }

    /// Positions that would sort along `dim`.
    default Tensor argsort(int dim, boolean descending) {
        return sort(dim, descending).get(1);
    }

    /// Position of the largest element, counted row-major (I64 scalar), the first of equals.
    default Tensor argmax() {
        return self().reshape(-1).argmax(0, false);
    }

    /// Position of the largest along `dim` (I64), the first of equals.
    default Tensor argmax(int dim, boolean keepDim) {
        return Tensor.applyOne(new ArgReduce(true, self().shape().axis("argmax", dim), keepDim), self());
    }

    /// Position of the largest along `dim`, which disappears.
    default Tensor argmax(int dim) {
        return argmax(dim, false);
    }

    /// Position of the smallest element, counted row-major (I64 scalar), the first of equals.
    default Tensor argmin() {
        return self().reshape(-1).argmin(0, false);
    }

    /// Position of the smallest along `dim` (I64), the first of equals.
    default Tensor argmin(int dim, boolean keepDim) {
        return Tensor.applyOne(new ArgReduce(false, self().shape().axis("argmin", dim), keepDim), self());
    }

    /// Position of the smallest along `dim`, which disappears.
    default Tensor argmin(int dim) {
        return argmin(dim, false);
    }

    /// Values and positions of the largest along `dim`; the whole gradient goes to the first of equals.
    default List<Tensor> max(int dim, boolean keepDim) {
        return extreme(argmax(dim, true), dim, keepDim);
    }

    /// Values and positions of the smallest along `dim`; the whole gradient goes to the first of equals.
    default List<Tensor> min(int dim, boolean keepDim) {
        return extreme(argmin(dim, true), dim, keepDim);
    }

    private List<Tensor> extreme(Tensor positions, int dim, boolean keepDim) {
        Tensor values = gather(dim, positions);
        return keepDim ? List.of(values, positions) : List.of(values.squeeze(dim), positions.squeeze(dim));
    }

    /// Running sum along `dim`.
    default Tensor cumsum(int dim) {
        Tensor x = self().dtype().isFloating() ? self() : self().to(DType.I64);
        return Tensor.applyOne(new Cumsum(x.shape().axis("cumsum", dim)), x);
    }

    /// The indices of all elements that are not 0, one row each: I64 `[found, rank]`.
    default Tensor nonzero() {
        View view = self().view();
        Eager.reads(self());
        List<Integer> found = new ArrayList<>();
        Create.each(view, (position, at) -> {
            if (view.getDouble(at) != 0) {
                found.add(position);
            }
        });
        int rank = view.rank();
        Tensor indices = Tensor.allocate(self().engine(), DType.I64, Shape.of(found.size(), rank), "nonzero");
        for (int i = 0; i < found.size(); i++) {
            int position = found.get(i);
            for (int d = rank - 1; d >= 0; d--) {
                indices.view().setLong((long) i * rank + d, position % view.dim(d));
                position /= view.dim(d);
            }
        }
        return indices;
    }

    /// The lower triangle of the last two dims, zeros above diagonal `diagonal` (0 is the main one, 1 above it).
    default Tensor tril(int diagonal) {
        return Tensor.where(band(diagonal), zero(), self());
    }

    /// The upper triangle of the last two dims, zeros below diagonal `diagonal`.
    default Tensor triu(int diagonal) {
        return Tensor.where(band(diagonal - 1), self(), zero());
    }

    private Tensor zero() {
        return Create.full(self().engine(), self().dtype(), Shape.SCALAR, 0);
    }

    /// True where column − row > diagonal.
    private Tensor band(int diagonal) {
        Tensor self = self();
        if (self.rank() < 2) {
            throw new IllegalArgumentException("tril, triu: needs two dims at least: shape " + self.shape());
        }
        return self.engine().call(() -> {
            Tensor rows = Tensor.arange(self.size(-2)).unsqueeze(1);
            Tensor columns = Tensor.arange(self.size(-1));
            return columns.sub(rows).gt(diagonal);
        });
    }

    /// I64 `[…, classes]`: 1 at the class that each label of this integer tensor names, else 0.
    default Tensor oneHot(int classes) {
        Tensor self = self();
        Arity.index("oneHot", self.signature());
        View view = self.view();
        Eager.reads(self);
        Create.each(view, (position, at) -> {
            long label = view.getLong(at);
            if (label < 0 || label >= classes) {
                throw new IndexOutOfBoundsException("oneHot: label out of range: " + label + " at element " + position
                        + " of shape " + self.shape() + ", must be in 0 … " + (classes - 1));
            }
        });
        return self.engine().call(() -> self.unsqueeze(-1).eq(Tensor.arange(classes)).to(DType.I64));
    }

    /// The elements along `dim` in reverse.
    default Tensor flip(int dim) {
        int axis = self().shape().axis("flip", dim);
        int n = self().size(axis);
        return indexSelect(axis, self().engine().call(() -> Tensor.arange(n - 1, -1, -1)));
    }

    /// The elements along `dim` moved on by `shift`, those pushed out coming back at the other end.
    default Tensor roll(int dim, int shift) {
        int axis = self().shape().axis("roll", dim);
        int n = self().size(axis);
        int cut = n == 0 ? 0 : Math.floorMod(-shift, n);
        return cut == 0 ? self().copy()
                : Tensor.cat(axis, self().narrow(axis, cut, n - cut), self().narrow(axis, 0, cut));
    }
}
