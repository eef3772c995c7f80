package dev.gatun.kernels;

/// Matrix products. Operands are views with at least two dims; leading dims are batches, broadcast by stride 0.
/// A transposed operand is a view with its strides swapped; any strides are allowed.
public interface GemmKernels {
    /// `C = epilogue(alpha·A·B + beta·C)`, A `[…, m, k]`, B `[…, k, n]`, C `[…, m, n]` with the same leading dims in
    /// all three. With beta 0, C is only written (NaN in it does not matter). k = 0 gives beta·C. C must not overlap
    /// A or B. F32 or F64, one dtype in all.
    Call gemm(double alpha, View a, View b, double beta, View c, Epilogue epilogue);

    /// Bytes that [#pack] needs for B `[k, n]` of this type.
    long packedBytes(DType dtype, int k, int n);

    /// Lays B `[k, n]` out for [#gemm(double, View, PackedMatrix, View, Epilogue)] into `memory` (64-byte aligned, at
    /// least [#packedBytes]); done once for weights.
    PackedMatrix pack(View b, java.lang.foreign.MemorySegment memory);

    /// `C = epilogue(alpha·A·B)` with B packed: A `[m, k]`, C `[m, n]`. Bit-equal to the unpacked product is not
    /// promised; equal for every thread count and every m is: a row's bits do not depend on the other rows.
    Call gemm(double alpha, View a, PackedMatrix b, View c, Epilogue epilogue);
}
