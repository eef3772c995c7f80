package dev.gatun.kernels;

/// Indexed reads and writes. Indices are I64 or I32 and are all checked before anything is written: one out of range
/// throws [IndexOutOfBoundsException] with the index, its position and the bound.
public interface IndexKernels {
    /// `out[.., i, ..] = in[.., index[.., i, ..], ..]` along `dim`; `index` and `out` have the same dims, the others no
    /// larger than those of `in` (PyTorch's gather).
    Call gather(View in, View index, View out, int dim);

    /// `out[.., index[.., i, ..], ..] += in[.., i, ..]` along `dim`, in index order, so bits do not depend on threads.
    Call scatterAdd(View in, View index, View out, int dim);

    /// `out[.., i, ..] = in[.., index[i], ..]` along `dim`, whole slices; `index` has one dim.
    Call indexSelect(View in, View index, View out, int dim);

    /// `out[.., index[i], ..] += in[.., i, ..]` along `dim`, whole slices, in index order.
    Call indexAdd(View in, View index, View out, int dim);

    /// Sorts along `dim`, stable, NaN last when ascending; `values` and `order` (I64) may be shorter along `dim` (the
    /// first ones: top-k).
    Call sort(View in, View values, View order, int dim, boolean descending);
}
