package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.Arrays;

/// Views of `[…, m, k]` as rows of k.
final class Strides {
    private Strides() {}

    /// True when all dims but the last are one dim with one stride.
    static boolean rowsMerge(View view) {
        for (int i = view.rank() - 3; i >= 0; i--) {
            if (view.dim(i) != 1 && view.stride(i) != view.stride(i + 1) * view.dim(i + 1)) {
                return false;
            }
        }
        return true;
    }

    /// `[…, m, k]` as `[… · m, k]`, for views of which [#rowsMerge] holds.
    static View mergeRows(View view) {
        int last = view.rank() - 1;
        int k = view.dim(last);
        int rows = 1;
        for (int i = 0; i < last; i++) {
            rows *= view.dim(i);
        }
        return view.restride(0, new int[] {rows, k}, new int[] {view.stride(last - 1), view.stride(last)});
    }

    /// The part at `index` of dim 0, without that dim.
    static View at(View view, int index) {
        int[] dims = Arrays.copyOfRange(view.dims(), 1, view.rank());
        int[] strides = Arrays.copyOfRange(view.strides(), 1, view.rank());
        return view.restride(index * view.stride(0), dims, strides);
    }
}
