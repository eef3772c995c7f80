package dev.gatun.kernels.vector;

import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// One step of work that is done line by line along a dim: folds of a line into a number, maps of lines to a line.
/// Sources of an expression are operands (≥ 0) or numbers found before (−1 − slot).
sealed interface RowStep {
    /// Number `slot` = fold of the expression along the line.
    record Fold(Reduction reduction, Expr map, List<Integer> sources, int slot) implements RowStep {}

    /// Line of operand `target` = the expression, element by element.
    record Map(Expr map, List<Integer> sources, int target) implements RowStep {}

    /// Number `slot` = an expression of numbers; input i is number i.
    record Number(Expr expr, int slot) implements RowStep {}

    /// How a step names number `slot` among its sources.
    static int number(int slot) {
        return -1 - slot;
    }
}
