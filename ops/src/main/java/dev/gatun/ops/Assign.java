package dev.gatun.ops;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Overwriting as a pointwise operation of the old and the new numbers: the old ones get no gradient.
final class Assign {
    /// Takes the second operand's numbers.
    static final Pointwise FILL = new Pointwise(
            "assign", 2, Expr.input(1), List.of(Expr.constant(0), Expr.input(3)), Typing.PROMOTED);

    private Assign() {}

    /// As [#FILL], converted to `type`.
    static Pointwise to(DType type) {
        return new Pointwise(FILL.name(), 2, FILL.expr(), FILL.gradients(), Typing.of(type));
    }
}
