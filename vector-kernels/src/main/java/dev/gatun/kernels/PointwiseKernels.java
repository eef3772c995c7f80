package dev.gatun.kernels;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Elementwise work: one pass over memory for any number of fused expressions.
public interface PointwiseKernels {
    /// `out[j] = outputs[j](in[0], in[1], …)` at every element. All views have the same dims (broadcast operands carry
    /// stride 0, see [View#expand]). The arithmetic is F64 when any operand is F64, else F32; other element types are
    /// converted when loaded, and results when stored (BOOL: not zero; integers: truncated, saturating). When every
    /// operand, input and output, is I64, I32, U8 or BOOL, it is exact in 64-bit integers instead (division
    /// truncates towards zero and throws on 0). An output may be exactly one of the inputs, never partly overlap one.
    Call map(List<Expr> outputs, List<View> in, List<View> out);

    /// The same map over several lists of operands, `out[i][j] = outputs[j](in[i][0], in[i][1], …)`, as one piece of work:
    /// an optimiser's step over all parameters. Rules as for [#map] in each list; the lists are independent of each other,
    /// so no output of one may be an operand of another.
    Call mapAll(List<Expr> outputs, List<List<View>> in, List<List<View>> out);
}
