package dev.gatun.kernels.gemm;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.Operands;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.Substitution;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// `C = expr(A·B + beta·C, extras…)` as the loops want it: alpha has become part of the expression, and the elements of
/// a row of C lie side by side if there is any way to look at C so.
///
/// @param dtype element type
/// @param m rows of C
/// @param n columns of C
/// @param k length of the sums
/// @param a `[m, k]`
/// @param b `[k, n]`
/// @param c `[m, n]`
/// @param beta factor of the old C
/// @param expr epilogue
/// @param extras its inputs 1 …, `[m, n]`
/// @param aliased an extra is C itself: it must still be whole when the epilogue reads it
public record Problem(
        DType dtype, int m, int n, int k, Operand a, Operand b, Operand c, double beta, Expr expr,
        List<Operand> extras, boolean aliased) {
    /// From operands that have been checked.
    public static Problem of(double alpha, View a, Operand b, double beta, View c, Epilogue epilogue) {
        int rank = c.rank();
        List<Operand> extras = new ArrayList<>(epilogue.extras().stream().map(Operand::of).toList());
        boolean aliased = epilogue.extras().stream().anyMatch(e -> Operands.same(e, c));
        Expr expr = epilogue.expr();
        int k = a.dim(rank - 1);
        double old = beta;
        if (alpha == 0) {
            k = 0;
        } else if (alpha != 1) {
            Expr value = Expr.input(0).times(alpha);
            if (beta != 0) {
                extras.add(Operand.of(c));
                value = Expr.fma(Expr.constant(beta), Expr.input(extras.size()), value);
                old = 0;
                aliased = true;
            }
            Expr first = value;
            expr = Substitution.of(
                    expr,
                    IntStream.rangeClosed(0, extras.size()).mapToObj(i -> i == 0 ? first : Expr.input(i)).toList());
        }
        return new Problem(
                c.dtype(), c.dim(rank - 2), c.dim(rank - 1), k, Operand.of(a), b, Operand.of(c), old, expr, extras,
                aliased)
                .normal();
    }

    /// Steps of dims of size 1 do not matter and are set to what the loops like best.
    private Problem normal() {
        int bytes = dtype.bytes();
        Operand na = k <= 1 ? new Operand(a.segment(), a.starts(), a.row(), bytes) : a;
        Operand nb = n == 1 ? new Operand(b.segment(), b.starts(), b.row(), bytes) : b;
        Operand nc = n == 1 ? new Operand(c.segment(), c.starts(), c.row(), bytes) : c;
        List<Operand> ne = extras.stream()
                .map(e -> n == 1 ? new Operand(e.segment(), e.starts(), e.row(), 0) : e)
                .map(e -> m == 1 ? new Operand(e.segment(), e.starts(), 0, e.column()) : e)
                .toList();
        return new Problem(dtype, m, n, k, na, nb, nc, beta, expr, ne, aliased);
    }

    /// `Cᵀ = Bᵀ·Aᵀ`.
    public Problem transposed() {
        return new Problem(
                dtype, n, m, k, b.transposed(), a.transposed(), c.transposed(), beta, expr,
                extras.stream().map(Operand::transposed).toList(), aliased)
                .normal();
    }

    /// True when kernels can store C.
    public boolean rowsOfC() {
        return c.column() == dtype.bytes();
    }

    /// True when kernels can read every extra.
    public boolean rowsOfExtras() {
        return extras.stream().allMatch(e -> e.column() == 0 || e.column() == dtype.bytes());
    }

    /// True when kernels can read A and B where they lie.
    public boolean canStay() {
        return b.column() == dtype.bytes() && a.column() == dtype.bytes() && Elements.fit(a, m, k, dtype);
    }
}
