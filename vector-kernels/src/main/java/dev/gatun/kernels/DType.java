package dev.gatun.kernels;

/// Element types. Arithmetic is defined for [#F32] and [#F64]; the others hold indices, labels, bytes and masks.
public enum DType {
    /// IEEE 754 binary32, the compute type.
    F32(4),
    /// IEEE 754 binary64, for checks.
    F64(8),
    /// Signed 64-bit integer: indices and labels.
    I64(8),
    /// Signed 32-bit integer.
    I32(4),
    /// Unsigned byte, 0 to 255: images.
    U8(1),
    /// One byte, 0 or 1: masks and comparison results.
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes per element.
    public int bytes() {
        return bytes;
    }

    /// True for [#F32] and [#F64].
    public boolean isFloating() {
        return this == F32 || this == F64;
    }
}
