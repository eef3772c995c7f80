/// Pointwise functions as data: expressions, their double-precision evaluation, derivative and simplification.
package dev.gatun.kernels.expr;
