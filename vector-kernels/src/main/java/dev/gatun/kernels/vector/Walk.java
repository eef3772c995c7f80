package dev.gatun.kernels.vector;

import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How operands of equal dims are walked together: dims of size 1 dropped, the rest ordered by falling stride of the
/// leading operand, adjacent dims merged where every operand allows it.
///
/// @param dims sizes, outermost first; at least one
/// @param strides for each operand its strides in elements
/// @param count product of the sizes
record Walk(int[] dims, int[][] strides, int count) {
    /// Ordered by the strides of `operands.get(leader)`.
    static Walk of(List<View> operands, int leader) {
        View lead = operands.get(leader);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < lead.rank(); i++) {
            if (lead.dim(i) != 1) {
                order.add(i);
            }
        }
        order.sort((x, y) -> Integer.compare(lead.stride(y), lead.stride(x)));
        return of(lead.dims(), operands, order);
    }

    /// The dims in the given order; only neighbours in it are merged.
    static Walk of(int[] sizes, List<View> operands, List<Integer> order) {
        int[] dims = new int[Math.max(1, order.size())];
        int[][] strides = new int[operands.size()][dims.length];
        int n = 0;
        for (int d : order) {
            if (n > 0 && merges(dims[n - 1], sizes[d], strides, n - 1, operands, d)) {
                n--;
                dims[n] *= sizes[d];
            } else {
                dims[n] = sizes[d];
            }
            for (int i = 0; i < strides.length; i++) {
                strides[i][n] = operands.get(i).stride(d);
            }
            n++;
        }
        if (n == 0) {
            dims[n++] = 1;
        }
        int rank = n;
        int[][] cut = new int[strides.length][];
        Arrays.setAll(cut, i -> Arrays.copyOf(strides[i], rank));
        return new Walk(Arrays.copyOf(dims, rank), cut,
                View.count(dims.length == 0 ? dims : Arrays.copyOf(dims, rank)));
    }

    private static boolean merges(int outer, int size, int[][] strides, int at, List<View> operands, int d) {
        for (int i = 0; i < strides.length; i++) {
            if (strides[i][at] != (long) operands.get(i).stride(d) * size) {
                return false;
            }
        }
        return outer > 0;
    }

    int rank() {
        return dims.length;
    }

    /// Elements from the start of an operand to the element with this number, counted over dims `0 … last`.
    long offset(int operand, long number, int last) {
        long rest = number;
        long offset = 0;
        for (int i = last; i >= 0; i--) {
            offset += rest % dims[i] * strides[operand][i];
            rest /= dims[i];
        }
        return offset;
    }

    /// The same, counted over the dims of this list only, its last one fastest.
    long offset(int operand, long number, int[] some) {
        long rest = number;
        long offset = 0;
        for (int i = some.length - 1; i >= 0; i--) {
            int d = some[i];
            offset += rest % dims[d] * strides[operand][d];
            rest /= dims[d];
        }
        return offset;
    }

    /// Product of the sizes of these dims.
    int count(int[] some) {
        int n = 1;
        for (int d : some) {
            n *= dims[d];
        }
        return n;
    }
}
