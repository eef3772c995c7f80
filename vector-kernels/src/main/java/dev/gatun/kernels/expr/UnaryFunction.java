package dev.gatun.kernels.expr;

/// Functions of one operand that a pointwise kernel can compute; accuracy in ULP as numerics demand (≤ 2, the
/// algebraic ones exact).
public enum UnaryFunction {
    /// `−x`.
    NEG,
    /// `|x|`.
    ABS,
    /// Square root, correctly rounded.
    SQRT,
    /// `eˣ`.
    EXP,
    /// `eˣ − 1`.
    EXPM1,
    /// Natural logarithm.
    LOG,
    /// `ln(1 + x)`.
    LOG1P,
    /// Hyperbolic tangent.
    TANH,
    /// `1 / (1 + e⁻ˣ)`.
    SIGMOID,
    /// `ln(1 + eˣ)` without overflow.
    SOFTPLUS,
    /// Error function.
    ERF,
    /// Normal distribution function `½·(1 + erf(x/√2))`, with small relative error in both tails: GELU is `x·Φ(x)`,
    /// and ½·x·(1 + erf(x/√2)) would lose all digits for negative x.
    NORMAL_CDF,
    /// Sine of radians.
    SIN,
    /// Cosine of radians.
    COS,
    /// Largest integer ≤ x.
    FLOOR,
    /// Smallest integer ≥ x.
    CEIL,
    /// Nearest integer, ties to even.
    ROUND,
    /// −1, 0 or 1 with the sign of x (±0 stays, NaN stays).
    SIGN,
    /// 1 when NaN, else 0.
    IS_NAN,
    /// 1 when x is 0, else 0 (logical not).
    NOT
}
