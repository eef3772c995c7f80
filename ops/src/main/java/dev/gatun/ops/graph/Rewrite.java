package dev.gatun.ops.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A walk over a graph that replaces pairs of neighbouring steps by one: `consumer` is looked at together with the step
/// that makes one of its operands, when nobody else reads that operand.
final class Rewrite {
    /// What becomes of a producer and its only reader.
    @FunctionalInterface
    interface Pair {
        /// The one step that does the work of both, with the outputs of `consumer`, or null when they do not merge.
        /// `link` is the producer's output.
        @Nullable
        Step merge(Step producer, Step consumer, Value link);
    }

    private Rewrite() {}

    /// Merges wherever `pair` agrees, until it agrees nowhere. A merged step stands where its consumer stood, so that
    /// the consumer's other operands are computed by then.
    static Graph pairs(Graph graph, Pair pair) {
        Map<Value, Integer> uses = graph.uses();
        Map<Value, Step> producers = new HashMap<>();
        List<@Nullable Step> steps = new ArrayList<>();
        for (Step original : graph.steps()) {
            Step step = original;
            for (Step merged = mergeOnce(step, producers, uses, steps, pair); merged != null;) {
                step = merged;
                merged = mergeOnce(step, producers, uses, steps, pair);
            }
            steps.add(step);
            for (Value out : step.outputs()) {
                producers.put(out, step);
            }
        }
        List<Step> kept = new ArrayList<>();
        for (@Nullable
        Step step : steps) {
            if (step != null) {
                kept.add(step);
            }
        }
        return new Graph(graph.inputs(), kept, graph.outputs());
    }

    private static @Nullable Step mergeOnce(Step consumer, Map<Value, Step> producers, Map<Value, Integer> uses,
            List<@Nullable Step> steps, Pair pair) {
        for (Value link : consumer.inputs()) {
            Step producer = producers.get(link);
            long reads = consumer.inputs().stream().filter(v -> v == link).count();
            if (producer == null || producer.outputs().size() != 1 || uses.getOrDefault(link, 0) != reads) {
                continue;
            }
            Step merged = pair.merge(producer, consumer, link);
            if (merged != null) {
                steps.set(steps.indexOf(producer), null);
                producers.remove(link);
                return merged;
            }
        }
        return null;
    }
}
