package dev.gatun.ops;

import dev.gatun.kernels.DType;
import java.util.List;

/// How a pointwise operation chooses the element type of its result.
public enum Typing {
    /// The common type of the operands.
    PROMOTED,
    /// The common type of the operands, F32 when that is an integer.
    FLOATING,
    /// BOOL.
    TRUTH,
    /// F32 whatever the operands.
    F32,
    /// F64 whatever the operands.
    F64,
    /// I64 whatever the operands.
    I64,
    /// I32 whatever the operands.
    I32,
    /// U8 whatever the operands.
    U8;

    /// Always `type`.
    public static Typing of(DType type) {
        return switch (type) {
            case F32 -> F32;
            case F64 -> F64;
            case I64 -> I64;
            case I32 -> I32;
            case U8 -> U8;
            case BOOL -> TRUTH;
        };
    }

    /// The result's type for these operands.
    public DType of(List<Signature> operands) {
        return switch (this) {
            case PROMOTED -> Promotion.of(operands);
            case FLOATING -> Promotion.floating(operands);
            case TRUTH -> DType.BOOL;
            case F32 -> DType.F32;
            case F64 -> DType.F64;
            case I64 -> DType.I64;
            case I32 -> DType.I32;
            case U8 -> DType.U8;
        };
    }
}
