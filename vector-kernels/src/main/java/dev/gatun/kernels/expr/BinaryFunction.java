package dev.gatun.kernels.expr;

/// Functions of two operands that a pointwise kernel can compute.
public enum BinaryFunction {
    /// `x + y`.
    ADD,
    /// `x − y`.
    SUB,
    /// `x · y`.
    MUL,
    /// `x / y`.
    DIV,
    /// Larger of the two; NaN when either is; +0 over −0.
    MAX,
    /// Smaller of the two; NaN when either is; −0 under +0.
    MIN,
    /// `xʸ` with the special cases of [Math#pow].
    POW,
    /// `x mod y` with the sign of y (Python's and PyTorch's remainder).
    REMAINDER,
    /// 1 when x < y, else 0.
    LT,
    /// 1 when x ≤ y, else 0.
    LE,
    /// 1 when x > y, else 0.
    GT,
    /// 1 when x ≥ y, else 0.
    GE,
    /// 1 when equal, else 0.
    EQ,
    /// 1 when not equal, else 0.
    NE,
    /// 1 when both are not 0, else 0.
    AND,
    /// 1 when either is not 0, else 0.
    OR
}
