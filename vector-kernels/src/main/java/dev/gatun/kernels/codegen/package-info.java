/// Straight-line SIMD code from expressions: an expression is lowered to a [Program][dev.gatun.kernels.codegen.Program]
/// of elementary lane operations, which is written as bytecode wherever vectors are at hand, in pointwise loops and in
/// the epilogues of products. Not exported.
package dev.gatun.kernels.codegen;
