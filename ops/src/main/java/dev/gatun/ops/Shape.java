package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.Arrays;

/// Sizes of the dims of a tensor, outermost first; no dims at all is a scalar. Compared by value. Every rule about
/// shapes that more than one operation needs (broadcasting, counting dims from the end) lives here.
public record Shape(int[] dims) {
    /// The shape of a scalar.
    public static final Shape SCALAR = new Shape(new int[0]);

    /// Copies the sizes; throws when one is negative or the count of elements passes 2³¹ − 1.
    public Shape {
        dims = dims.clone();
        View.count(dims);
    }

    /// The shape with these sizes.
    public static Shape of(int... dims) {
        return new Shape(dims);
    }

    /// The shape of a view.
    public static Shape of(View view) {
        return new Shape(view.dims());
    }

    /// A copy of the sizes.
    @Override
    public int[] dims() {
        return dims.clone();
    }

    /// Number of dims.
    public int rank() {
        return dims.length;
    }

    /// Size of dim `index`; negative counts from the end. Throws [IllegalArgumentException] when there is no such dim.
    public int dim(int index) {
        return dims[axis("shape", index)];
    }

    /// Number of elements; 1 for a scalar.
    public int count() {
        return View.count(dims);
    }

    /// The dim that `index` means, negative counting from the end; `op` opens the message when there is no such dim.
    public int axis(String op, int index) {
        if (index < -dims.length || index >= dims.length) {
            throw new IllegalArgumentException(op + ": there is no dim " + index + " in shape " + this
                    + (dims.length == 0 ? " (a scalar)"
                            : " (allowed: " + -dims.length + " to " + (dims.length - 1) + ")"));
        }
        return index < 0 ? index + dims.length : index;
    }

    /// The dims that `indices` mean, in ascending order, none given meaning all; throws when one is named twice.
    public int[] axes(String op, int... indices) {
        if (indices.length == 0) {
            int[] all = new int[dims.length];
            Arrays.setAll(all, i -> i);
            return all;
        }
        int[] axes = Arrays.stream(indices).map(i -> axis(op, i)).sorted().toArray();
        for (int i = 1; i < axes.length; i++) {
            if (axes[i] == axes[i - 1]) {
                throw new IllegalArgumentException(op + ": dim " + axes[i] + " is named twice: "
                        + Arrays.toString(indices) + " for shape " + this);
            }
        }
        return axes;
    }

    /// The common shape of two operands: aligned at the last dim, sizes equal or one of them 1.
    public static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            int x = a.sizeFromRight(rank - i);
            int y = b.sizeFromRight(rank - i);
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(op + ": shapes do not broadcast: " + a + " and " + b + " (dim "
                        + (i - rank) + ": " + x + " against " + y + ")");
            }
            dims[i] = x == 1 ? y : x;
        }
        return new Shape(dims);
    }

    private int sizeFromRight(int position) {
        return position > dims.length ? 1 : dims[dims.length - position];
    }

    /// This shape with dim `axis` (already normalised) of another size.
    public Shape with(int axis, int size) {
        int[] changed = dims.clone();
        changed[axis] = size;
        return new Shape(changed);
    }

    /// This shape with the dims of `axes` (ascending) reduced: of size 1, or gone.
    public Shape reduced(int[] axes, boolean keepDim) {
        int[] kept = dims.clone();
        for (int axis : axes) {
            kept[axis] = keepDim ? 1 : -1;
        }
        return new Shape(Arrays.stream(kept).filter(d -> d >= 0).toArray());
    }

    /// True when a tensor of this shape broadcasts to `target`.
    public boolean broadcastsTo(Shape target) {
        if (rank() > target.rank()) {
            return false;
        }
        for (int i = 1; i <= rank(); i++) {
            int size = sizeFromRight(i);
            if (size != 1 && size != target.sizeFromRight(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /// The sizes in brackets, `[2, 3]`.
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
