package dev.gatun.ops;

import dev.gatun.kernels.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The element type of a result of several operands, as PyTorch has it: the widest kind (truth, integer, floating
/// point) wins, then the widest type of that kind; a scalar operand counts only when it is of a wider kind than all
/// others.
final class Promotion {
    private Promotion() {}

    static DType of(List<Signature> operands) {
        DType full = null;
        DType scalar = null;
        for (Signature s : operands) {
            if (s.shape().rank() > 0) {
                full = wider(full, s.dtype());
            } else {
                scalar = wider(scalar, s.dtype());
            }
        }
        if (full == null || scalar == null) {
            return wider(full, scalar);
        }
        return rank(scalar) > rank(full) ? scalar : full;
    }

    /// As [#of], but never an integer.
    static DType floating(List<Signature> operands) {
        DType type = of(operands);
        return type.isFloating() ? type : DType.F32;
    }

    /// 0 truth, 1 integer, 2 floating point.
    static int rank(DType type) {
        return switch (type) {
            case BOOL -> 0;
            case U8, I32, I64 -> 1;
            case F32, F64 -> 2;
        };
    }

    private static DType wider(@Nullable DType a, @Nullable DType b) {
        if (a == null || b == null) {
            return a != null ? a : b != null ? b : DType.F32;
        }
        return order(a) >= order(b) ? a : b;
    }

    private static int order(DType type) {
        return switch (type) {
            case BOOL -> 0;
            case U8 -> 1;
            case I32 -> 2;
            case I64 -> 3;
            case F32 -> 4;
            case F64 -> 5;
        };
    }
}
