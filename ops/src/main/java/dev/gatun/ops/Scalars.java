package dev.gatun.ops;

import dev.gatun.kernels.DType;
import java.util.List;

/// A number as an operand. It becomes a scalar tensor, not a constant of the expression: kernels are compiled per
/// expression, and a changing number must not compile a new one each time.
final class Scalars {
    private Scalars() {}

    /// `op(x, value)`, or `op(value, x)` when `first`.
    static Tensor with(Op op, Tensor x, double value, boolean first) {
        try (Tensor scalar = of(x, value)) {
            return first ? Tensor.applyOne(op, scalar, x) : Tensor.applyOne(op, x, scalar);
        }
    }

    static void inPlace(Op op, Tensor x, double value) {
        try (Tensor scalar = of(x, value)) {
            Eager.runInPlace(op, x, List.of(scalar));
        }
    }

    /// Of the tensor's type; beside integers a fraction is F32.
    static Tensor of(Tensor x, double value) {
        DType type = x.dtype();
        if (!type.isFloating() && (value != Math.rint(value) || Double.isInfinite(value))) {
            type = DType.F32;
        } else if (type == DType.BOOL || type == DType.U8) {
            type = DType.I64;
        }
        return Create.full(x.engine(), type, Shape.SCALAR, value);
    }
}
