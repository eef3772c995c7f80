package dev.gatun.kernels.expr;

import java.util.Locale;

/// How functions of two operands are written in a formula.
final class Symbols {
    private Symbols() {}

    /// `(x + y)`, `pow(x, y)`.
    static String of(BinaryFunction function, Expr x, Expr y) {
        String sign = switch (function) {
            case ADD -> "+";
            case SUB -> "-";
            case MUL -> "*";
            case DIV -> "/";
            case LT -> "<";
            case LE -> "<=";
            case GT -> ">";
            case GE -> ">=";
            case EQ -> "==";
            case NE -> "!=";
            case AND -> "&&";
            case OR -> "||";
            case MAX, MIN, POW, REMAINDER -> "";
        };
        return sign.isEmpty()
                ? function.name().toLowerCase(Locale.ROOT) + "(" + x + ", " + y + ")"
                : "(" + x + " " + sign + " " + y + ")";
    }
}
