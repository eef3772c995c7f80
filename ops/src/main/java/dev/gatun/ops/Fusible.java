package dev.gatun.ops;

import dev.gatun.kernels.expr.Expr;

/// An operation with a product or convolution inside, whose result passes through an expression before its only store.
/// Operand 0 is the data, operand 1 the weights, the further ones are inputs 1, 2, … of the epilogue; each broadcasts to
/// the result.
public sealed interface Fusible extends Op permits MatMul, Conv2d {
    /// Operands before those of the epilogue.
    int OPERANDS = 2;

    /// What happens to the product before it is stored; input 0 is the product.
    Expr epilogue();

    /// The same work with another epilogue.
    Fusible withEpilogue(Expr epilogue);

    /// Multiply-adds per element of the result, for weights of these sizes.
    long terms(int[] weights);
}
