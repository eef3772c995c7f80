package dev.gatun.kernels;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Reductions over any dims, scans and searches.
public interface ReduceKernels {
    /// `out = fold over the reduced dims of map(in[0], in[1], …)`. All inputs have the same dims; `out` has the same
    /// rank with size 1 where a dim is reduced. F32, F64; integer inputs (all of I64, I32, U8, BOOL, out I64) are
    /// folded exactly.
    Call reduce(Reduction reduction, Expr map, List<View> in, View out);

    /// Index (I64) of the largest (or smallest) value along `dim`, the first of equals; NaN counts as the extreme.
    /// `out` has size 1 there. Throws when the dim is empty.
    Call arg(boolean largest, View in, View out, int dim);

    /// Running sum along `dim`; same dims.
    Call cumsum(View in, View out, int dim);
}
