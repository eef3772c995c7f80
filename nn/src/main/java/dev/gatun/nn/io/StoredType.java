package dev.gatun.nn.io;

import dev.gatun.kernels.DType;

/// Element types of a safetensors file, and the tensor type each is read as: the narrow floats become [DType#F32], the
/// narrow integers [DType#I32].
public enum StoredType {
    /// IEEE 754 binary64.
    F64(8, DType.F64),
    /// IEEE 754 binary32.
    F32(4, DType.F32),
    /// IEEE 754 binary16.
    F16(2, DType.F32),
    /// The upper half of a binary32.
    BF16(2, DType.F32),
    /// Signed 64-bit integer.
    I64(8, DType.I64),
    /// Signed 32-bit integer.
    I32(4, DType.I32),
    /// Signed 16-bit integer.
    I16(2, DType.I32),
    /// Signed byte.
    I8(1, DType.I32),
    /// Unsigned byte.
    U8(1, DType.U8),
    /// One byte, 0 or 1.
    BOOL(1, DType.BOOL);

    private final int bytes;
    private final DType dtype;

    StoredType(int bytes, DType dtype) {
        this.bytes = bytes;
        this.dtype = dtype;
    }

    /// Bytes per element in the file.
    public int bytes() {
        return bytes;
    }

    /// What a tensor of this type becomes in memory.
    public DType dtype() {
        return dtype;
    }

    /// The stored form of a tensor type; exact in both directions.
    public static StoredType of(DType dtype) {
        return switch (dtype) {
            case F32 -> F32;
            case F64 -> F64;
            case I64 -> I64;
            case I32 -> I32;
            case U8 -> U8;
            case BOOL -> BOOL;
        };
    }
}
