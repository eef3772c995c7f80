package dev.gatun.kernels.expr;

import java.util.List;

/// Expressions in the place of operands: what fuses two pointwise steps into one.
public final class Substitution {
    private Substitution() {}

    /// `expr` with `replacements.get(i)` in the place of input `i`; throws [IndexOutOfBoundsException] when an input has
    /// no replacement.
    public static Expr of(Expr expr, List<Expr> replacements) {
        return switch (expr) {
            case Expr.Input i -> replacements.get(i.index());
            case Expr.Constant c -> c;
            case Expr.Unary u -> new Expr.Unary(u.function(), of(u.x(), replacements));
            case Expr.Binary b -> new Expr.Binary(b.function(), of(b.x(), replacements), of(b.y(), replacements));
            case Expr.Fma f -> new Expr.Fma(of(f.x(), replacements), of(f.y(), replacements), of(f.z(), replacements));
            case Expr.Select s ->
                    new Expr.Select(
                            of(s.condition(), replacements), of(s.then(), replacements),
                            of(s.otherwise(), replacements));
        };
    }
}
