package dev.gatun.kernels.reference;

/// All coordinates of some dims in row-major order, with the element offset that each of several stride patterns gives
/// them:
/// ```java
/// for (Walk w = Walk.over(a.dims(), a.strides(), b.strides()); w.next(); ) {
///     b.setDouble(w.at(1), a.getDouble(w.at(0)));
/// }
/// ```
/// No dims have one coordinate; a dim of size 0 has none. [#reset] starts again without allocating.
public final class Walk {
    private final int[] dims;
    private final int[][] strides;
    private final int[] coordinates;
    private final long[] at;
    private long position;
    private final boolean empty;

    private Walk(int[] dims, int[][] strides) {
        this.dims = dims;
        this.strides = strides;
        this.coordinates = new int[dims.length];
        this.at = new long[strides.length];
        boolean none = false;
        for (int d : dims) {
            none |= d == 0;
        }
        this.empty = none;
        this.position = -1;
    }

    /// Over `dims`, with one array of strides (in elements) per pattern.
    public static Walk over(int[] dims, int[]... strides) {
        return new Walk(dims.clone(), strides.clone());
    }

    /// Before the first coordinate again; returns this.
    public Walk reset() {
        java.util.Arrays.fill(coordinates, 0);
        java.util.Arrays.fill(at, 0);
        position = -1;
        return this;
    }

    /// Steps to the next coordinate (at first, to the first one); false when there is none left.
    public boolean next() {
        if (++position == 0) {
            return !empty;
        }
        for (int d = dims.length - 1; d >= 0; d--) {
            if (++coordinates[d] < dims[d]) {
                for (int v = 0; v < at.length; v++) {
                    at[v] += strides[v][d];
                }
                return true;
            }
            coordinates[d] = 0;
            for (int v = 0; v < at.length; v++) {
                at[v] -= (dims[d] - 1L) * strides[v][d];
            }
        }
        return false;
    }

    /// Element offset of the present coordinate in pattern `v`.
    public long at(int v) {
        return at[v];
    }

    /// How many coordinates came before this one: its row-major number.
    public long position() {
        return position;
    }

    /// Present coordinate along dim `d`.
    public int coordinate(int d) {
        return coordinates[d];
    }

    /// A copy of the present coordinates.
    public int[] coordinates() {
        return coordinates.clone();
    }
}
