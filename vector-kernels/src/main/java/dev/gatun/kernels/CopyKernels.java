package dev.gatun.kernels;

/// Copies between layouts; conversions between element types are [pointwise][PointwiseKernels#map] work.
public interface CopyKernels {
    /// `out = in`, same dims and element type, any strides (stride 0 only in `in`); must not overlap.
    Call copy(View in, View out);

    /// `out = value` everywhere.
    Call fill(View out, double value);
}
