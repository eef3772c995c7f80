package dev.gatun.ops;

import dev.gatun.kernels.expr.Expr;
import java.util.BitSet;

/// Which operands an expression reads, and the same expression with its operands renumbered.
final class Operands {
    private Operands() {}

    static BitSet of(Expr expr) {
        BitSet read = new BitSet();
        collect(expr, read);
        return read;
    }

    private static void collect(Expr expr, BitSet read) {
        switch (expr) {
            case Expr.Input i -> read.set(i.index());
            case Expr.Constant c -> {}
            case Expr.Unary u -> collect(u.x(), read);
            case Expr.Binary b -> {
                collect(b.x(), read);
                collect(b.y(), read);
            }
            case Expr.Fma f -> {
                collect(f.x(), read);
                collect(f.y(), read);
                collect(f.z(), read);
            }
            case Expr.Select s -> {
                collect(s.condition(), read);
                collect(s.then(), read);
                collect(s.otherwise(), read);
            }
        }
    }

    /// Operand i becomes operand `numbers[i]`.
    static Expr renumber(Expr expr, int[] numbers) {
        return switch (expr) {
            case Expr.Input i -> Expr.input(numbers[i.index()]);
            case Expr.Constant c -> c;
            case Expr.Unary u -> new Expr.Unary(u.function(), renumber(u.x(), numbers));
            case Expr.Binary b ->
                    new Expr.Binary(b.function(), renumber(b.x(), numbers), renumber(b.y(), numbers));
            case Expr.Fma f ->
                    new Expr.Fma(renumber(f.x(), numbers), renumber(f.y(), numbers), renumber(f.z(), numbers));
            case Expr.Select s ->
                    new Expr.Select(
                            renumber(s.condition(), numbers), renumber(s.then(), numbers),
                            renumber(s.otherwise(), numbers));
        };
    }
}
