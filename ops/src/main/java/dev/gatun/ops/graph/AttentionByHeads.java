package dev.gatun.ops.graph;

import dev.gatun.ops.Copy;
import dev.gatun.ops.Permute;
import dev.gatun.ops.ScaledDotProductAttention;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Attention whose result is copied to lie head by head writes it so at once: `copy(permute(attention))` becomes one step.
final class AttentionByHeads {
    private static final List<Integer> TURN = List.of(0, 2, 1, 3);

    private AttentionByHeads() {}

    static Graph apply(Graph graph) {
        Readers readers = new Readers(graph);
        Map<Value, Step> producers = new HashMap<>();
        List<Step> steps = new ArrayList<>();
        for (Step step : graph.steps()) {
            Step turn = turnBefore(step, producers, readers);
            Step attention = turn == null ? null : producers.get(turn.inputs().getFirst());
            if (attention != null && attention.op() instanceof ScaledDotProductAttention op) {
                var byHeads = new ScaledDotProductAttention(op.spec(), op.masked(), op.padded(), true);
                steps.set(
                        steps.indexOf(attention),
                        new Step(byHeads, attention.inputs(), List.of(step.output(), attention.outputs().get(1))));
                steps.remove(turn);
            } else {
                steps.add(step);
            }
            step.outputs().forEach(v -> producers.put(v, step));
        }
        return new Graph(graph.inputs(), steps, graph.outputs()).withoutDeadSteps();
    }

    /// The step between an attention and `step`, which copies its heads apart, when nobody else reads either.
    private static @Nullable Step turnBefore(Step step, Map<Value, Step> producers, Readers readers) {
        if (!(step.op() instanceof Copy) || !readers.isReadOnce(step.inputs().getFirst())) {
            return null;
        }
        Step turn = producers.get(step.inputs().getFirst());
        if (turn == null || !(turn.op() instanceof Permute p) || !p.order().equals(TURN)) {
            return null;
        }
        Value result = turn.inputs().getFirst();
        Step attention = producers.get(result);
        boolean fits = attention != null && attention.op() instanceof ScaledDotProductAttention op && !op.byHeads()
                && attention.outputs().getFirst() == result && readers.isReadOnce(result);
        return fits ? turn : null;
    }
}
