package dev.gatun.kernels.check;

import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// Operands of elementwise work.
public final class PointwiseCheck {
    private PointwiseCheck() {}

    /// `out[j] = outputs[j](in…)`.
    public static void map(List<Expr> outputs, List<View> in, List<View> out) {
        if (outputs.isEmpty() || outputs.size() != out.size()) {
            throw new IllegalArgumentException("pointwise: one expression per output is needed, and at least one: "
                    + outputs.size() + " expressions, " + out.size() + " outputs");
        }
        for (Expr e : outputs) {
            Operands.inputs("pointwise", e, in.size());
        }
        View first = out.getFirst();
        for (int i = 0; i < in.size(); i++) {
            Operands.sameDims("pointwise", "input " + i, in.get(i), "output 0", first);
        }
        for (int j = 0; j < out.size(); j++) {
            View o = out.get(j);
            Operands.sameDims("pointwise", "output " + j, o, "output 0", first);
            Operands.writable("pointwise", o);
            for (int i = 0; i < in.size(); i++) {
                Operands.apartOrSame("pointwise", "input " + i, in.get(i), o);
            }
            for (int i = 0; i < j; i++) {
                Operands.apart("pointwise", "output " + i, out.get(i), o);
            }
        }
        if (Operands.integers(in) && Operands.integers(out)) {
            outputs.forEach(e -> Evaluation.checkIntegers("pointwise", e));
        }
    }

    /// Lists of operands of one map.
    public static void mapAll(List<Expr> outputs, List<List<View>> in, List<List<View>> out) {
        if (in.size() != out.size()) {
            throw new IllegalArgumentException(
                    "pointwise: as many lists of inputs as of outputs are needed: " + in.size() + " and " + out.size());
        }
        for (int i = 0; i < in.size(); i++) {
            map(outputs, in.get(i), out.get(i));
        }
    }
}
