package dev.gatun.ops.graph;

import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.Substitution;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.Pointwise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pointwise work moves into the step before it: into the epilogue of a product or convolution, where the numbers are
/// still in registers, or into another pointwise step, so that a chain goes through memory once.
final class Fusion {
    private Fusion() {}

    /// Products and convolutions take the pointwise step that follows, with its other operands (a residual, a bias).
    static Graph epilogues(Graph graph) {
        return Rewrite.pairs(graph, Fusion::intoEpilogue);
    }

    /// Pointwise steps that follow one another become one.
    static Graph chains(Graph graph) {
        return Rewrite.pairs(graph, Fusion::intoChain);
    }

    private static @Nullable Step intoEpilogue(Step producer, Step consumer, Value link) {
        if (!(producer.op() instanceof Fusible fusible) || !(consumer.op() instanceof Pointwise pointwise)
                || !sameResult(consumer, link)) {
            return null;
        }
        List<Value> operands = new ArrayList<>(producer.inputs());
        int weights = Fusible.OPERANDS - 1;
        List<Expr> replacements = new ArrayList<>();
        for (Value v : consumer.inputs()) {
            replacements.add(v == link ? fusible.epilogue() : Expr.input(indexOf(operands, v, weights + 1) - weights));
        }
        if (operands.size() - Fusible.OPERANDS > Epilogue.MOST_EXTRAS) {
            return null;
        }
        Expr fused = Substitution.of(pointwise.expr(), replacements);
        return new Step(fusible.withEpilogue(fused), operands, consumer.outputs());
    }

    private static @Nullable Step intoChain(Step producer, Step consumer, Value link) {
        if (!(producer.op() instanceof Pointwise first) || !(consumer.op() instanceof Pointwise second)
                || !sameResult(consumer, link)) {
            return null;
        }
        List<Value> operands = new ArrayList<>(producer.inputs());
        List<Expr> replacements = new ArrayList<>();
        for (Value v : consumer.inputs()) {
            replacements.add(v == link ? first.expr() : Expr.input(indexOf(operands, v, 0)));
        }
        Expr fused = Substitution.of(second.expr(), replacements);
        Pointwise both = new Pointwise(
                first.name() + "+" + second.name(), operands.size(), fused, List.of(), second.typing());
        return new Step(both, operands, consumer.outputs());
    }

    /// Where `value` stands among `operands` from `from` on; appended when it does not.
    private static int indexOf(List<Value> operands, Value value, int from) {
        for (int i = from; i < operands.size(); i++) {
            if (operands.get(i) == value) {
                return i;
            }
        }
        operands.add(value);
        return operands.size() - 1;
    }

    /// The same shape and floating type before and after, all operands of that type: then no rounding, conversion or
    /// repetition is lost by computing both at once.
    private static boolean sameResult(Step consumer, Value link) {
        return link.signature().dtype().isFloating() && consumer.output().signature().equals(link.signature())
                && consumer.inputs().stream()
                        .allMatch(v -> v.signature().dtype() == link.signature().dtype());
    }
}
