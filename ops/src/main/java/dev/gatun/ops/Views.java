package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The same numbers under another shape. Results share memory with this tensor, but for [#reshape], [#flatten] and
/// [#contiguous], which copy where strides leave no other way. A dim may be counted from the end by a negative number.
public sealed interface Views permits Tensor {
    private Tensor self() {
        return (Tensor) this;
    }

    /// The elements in row-major order as `dims`, of which one may be −1 (computed). Copies only where it must.
    default Tensor reshape(int... dims) {
        Tensor self = self();
        Shape shape = completed("reshape", dims);
        if (shape.equals(self.shape())) {
            return viewed(self, shape);
        }
        boolean possible = shape.count() != self.count() || Reshape.isPossible(self.view(), shape);
        return viewed(possible ? self : self.copy(), shape);
    }

    /// As [#reshape], but never copies: throws where the strides do not allow it.
    default Tensor view(int... dims) {
        return viewed(self(), completed("view", dims));
    }

    private static Tensor viewed(Tensor tensor, Shape shape) {
        return Tensor.applyOne(new Reshape(shape), tensor);
    }

    private Shape completed(String op, int[] dims) {
        int[] complete = dims.clone();
        int open = -1;
        long known = 1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == -1 && open < 0) {
                open = i;
            } else {
                known *= dims[i];
            }
        }
        if (open >= 0) {
            if (known <= 0 || self().count() % known != 0) {
                throw new IllegalArgumentException(op + ": the size -1 cannot be computed: " + self().shape() + " to "
                        + Arrays.toString(dims));
            }
            complete[open] = (int) (self().count() / known);
        }
        return new Shape(complete);
    }

    /// This tensor when it lies row-major without holes, else a copy that does.
    default Tensor contiguous() {
        return self().isContiguous() ? self() : self().copy();
    }

    /// Swaps two dims.
    default Tensor transpose(int dim0, int dim1) {
        Shape shape = self().shape();
        int[] order = shape.axes("transpose");
        int a = shape.axis("transpose", dim0);
        int b = shape.axis("transpose", dim1);
        order[a] = b;
        order[b] = a;
        return permute(order);
    }

    /// The transpose of a matrix.
    default Tensor t() {
        if (self().rank() != 2) {
            throw new IllegalArgumentException("t: needs a matrix: shape " + self().shape());
        }
        return transpose(0, 1);
    }

    /// Dims in another order: dim i of the result is dim `order[i]` of this.
    default Tensor permute(int... order) {
        Shape shape = self().shape();
        return Tensor.applyOne(
                new Permute(Arrays.stream(order).mapToObj(d -> shape.axis("permute", d)).toList()), self());
    }

    /// Elements `start` to `end` (excluded) along `dim`, every `step`-th; negative positions count from the end, and
    /// both are cut to the tensor, as in Python.
    default Tensor slice(int dim, int start, int end, int step) {
        int axis = self().shape().axis("slice", dim);
        int size = self().size(axis);
        int from = Math.clamp(start < 0 ? start + (long) size : start, 0, size);
        int to = Math.clamp(end < 0 ? end + (long) size : end, from, size);
        int length = step < 1 ? 0 : (int) ((to - from + (long) step - 1) / step);
        return Tensor.applyOne(new Slice(axis, from, length, step), self());
    }

    /// Elements `start` to `end` (excluded) along `dim`.
    default Tensor slice(int dim, int start, int end) {
        return slice(dim, start, end, 1);
    }

    /// `length` elements along `dim` from `start`; throws when they are not all there.
    default Tensor narrow(int dim, int start, int length) {
        int axis = self().shape().axis("narrow", dim);
        return Tensor.applyOne(
                new Slice(axis, start < 0 ? start + self().size(axis) : start, length, 1), self());
    }

    /// Element `index` along `dim`, which disappears.
    default Tensor select(int dim, int index) {
        int axis = self().shape().axis("select", dim);
        int size = self().size(axis);
        if (index < -size || index >= size) {
            throw new IndexOutOfBoundsException(
                    "select: index " + index + " along dim " + axis + " is outside shape " + self().shape());
        }
        return narrow(axis, index < 0 ? index + size : index, 1).squeeze(axis);
    }

    /// Broadcasts to `dims` without a copy; −1 keeps a size.
    default Tensor expand(int... dims) {
        int[] target = dims.clone();
        int shift = dims.length - self().rank();
        for (int i = Math.max(shift, 0); i < dims.length; i++) {
            if (dims[i] == -1) {
                target[i] = self().size(i - shift);
            }
        }
        return Tensor.applyOne(new Expand(new Shape(target)), self());
    }

    /// Broadcasts to the shape of `other`.
    default Tensor expandAs(Tensor other) {
        return expand(other.shape().dims());
    }

    /// Without dims of size 1: the named ones that have it, or all when none is named.
    default Tensor squeeze(int... dims) {
        Shape shape = self().shape();
        List<Integer> kept = new ArrayList<>();
        int[] axes = shape.axes("squeeze", dims);
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) != 1 || Arrays.binarySearch(axes, i) < 0) {
                kept.add(shape.dim(i));
            }
        }
        return viewed(self(), new Shape(kept.stream().mapToInt(Integer::intValue).toArray()));
    }

    /// A new dim of size 1 in front of dim `dim` (−1: behind the last).
    default Tensor unsqueeze(int dim) {
        int rank = self().rank();
        if (dim < -rank - 1 || dim > rank) {
            throw new IllegalArgumentException("unsqueeze: there is no place " + dim + " in shape " + self().shape());
        }
        int at = dim < 0 ? dim + rank + 1 : dim;
        int[] dims = new int[rank + 1];
        for (int i = 0; i <= rank; i++) {
            dims[i] = i == at ? 1 : self().size(i < at ? i : i - 1);
        }
        return viewed(self(), new Shape(dims));
    }

    /// Dims `from` to `to` (included) as one.
    default Tensor flatten(int from, int to) {
        Shape shape = self().shape();
        if (shape.rank() == 0) {
            return reshape(1);
        }
        int first = shape.axis("flatten", from);
        int last = shape.axis("flatten", to);
        if (first > last) {
            throw new IllegalArgumentException(
                    "flatten: dim " + from + " lies behind dim " + to + " in shape " + shape);
        }
        int[] dims = new int[shape.rank() - last + first];
        int product = 1;
        for (int i = 0; i < shape.rank(); i++) {
            if (i < first) {
                dims[i] = shape.dim(i);
            } else if (i > last) {
                dims[i - last + first] = shape.dim(i);
            } else {
                product *= shape.dim(i);
            }
        }
        dims[first] = product;
        return reshape(dims);
    }

    /// Dims `from` and all behind it as one.
    default Tensor flatten(int from) {
        return flatten(from, -1);
    }

    /// All dims as one.
    default Tensor flatten() {
        return flatten(0, -1);
    }

    /// Sliding windows of `size` along `dim`, every `step`: the dim becomes their number, and a last dim holds each.
    default Tensor unfold(int dim, int size, int step) {
        return Tensor.applyOne(new Unfold(self().shape().axis("unfold", dim), size, step), self());
    }

    /// The diagonal of a matrix as a view.
    default Tensor diagonal() {
        View view = self().view();
        if (view.rank() != 2) {
            throw new IllegalArgumentException("diagonal: needs a matrix: shape " + self().shape());
        }
        int n = Math.min(view.dim(0), view.dim(1));
        Tensor square = slice(0, 0, n).slice(1, 0, n);
        return n == 0 ? square.reshape(0) : square.reshape(n * n).slice(0, 0, n * n, n + 1);
    }
}
