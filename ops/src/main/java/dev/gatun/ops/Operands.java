package dev.gatun.ops;

import dev.gatun.kernels.expr.Expr;

/// Which operands an expression reads.
final class Operands {
    private Operands() {}

    static boolean reads(Expr expr, int index) {
        return switch (expr) {
            case Expr.Input i -> i.index() == index;
            case Expr.Constant c -> false;
            case Expr.Unary u -> reads(u.x(), index);
            case Expr.Binary b -> reads(b.x(), index) || reads(b.y(), index);
            case Expr.Fma f -> reads(f.x(), index) || reads(f.y(), index) || reads(f.z(), index);
            case Expr.Select s ->
                    reads(s.condition(), index) || reads(s.then(), index) || reads(s.otherwise(), index);
        };
    }
}
