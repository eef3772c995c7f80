package dev.gatun.ops.graph;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.Substitution;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.Pointwise;
import java.util.ArrayList;
import java.util.List;

/// Constants of one number become part of the expression that reads them: eager code passes numbers as operands so that
/// a changing number compiles nothing, in a plan they never change.
final class InlineScalars {
    private InlineScalars() {}

    static Graph apply(Graph graph) {
        return new Graph(graph.inputs(), graph.steps().stream().map(InlineScalars::inline).toList(), graph.outputs());
    }

    private static Step inline(Step step) {
        return switch (step.op()) {
            case Pointwise p -> {
                Operands operands = Operands.of(step, 0, 0);
                yield new Step(
                        new Pointwise(p.name(), operands.kept.size(), operands.in(p.expr()), List.of(), p.typing()),
                        operands.kept, step.outputs());
            }
            case Fusible f -> {
                Operands operands = Operands.of(step, Fusible.OPERANDS, 1);
                yield new Step(f.withEpilogue(operands.in(f.epilogue())), operands.kept, step.outputs());
            }
            default -> step;
        };
    }

    /// The operands that stay, and what stands for each input of the expression. Input `shift` is operand `first`, the
    /// inputs before that stay.
    private record Operands(List<Value> kept, List<Expr> replacements) {
        static Operands of(Step step, int first, int shift) {
            List<Value> kept = new ArrayList<>(step.inputs().subList(0, first));
            List<Expr> replacements = new ArrayList<>();
            for (int i = 0; i < shift; i++) {
                replacements.add(Expr.input(i));
            }
            for (Value v : step.inputs().subList(first, step.inputs().size())) {
                if (v.isConstant() && v.signature().shape().count() == 1
                        && v.signature().dtype() == step.output().signature().dtype()) {
                    replacements.add(Expr.constant(v.tensor().view().getDouble(0)));
                } else {
                    replacements.add(Expr.input(shift + kept.size() - first));
                    kept.add(v);
                }
            }
            return new Operands(kept, replacements);
        }

        Expr in(Expr expr) {
            return Substitution.of(expr, replacements);
        }
    }
}
