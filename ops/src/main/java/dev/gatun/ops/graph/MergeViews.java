package dev.gatun.ops.graph;

import dev.gatun.ops.ViewOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Equal views of one value become one, so that their readers are seen to read the same thing.
final class MergeViews {
    /// What makes two views equal.
    private record Seen(ViewOp op, Value of) {}

    private MergeViews() {}

    static Graph apply(Graph graph) {
        Map<Seen, Value> first = new HashMap<>();
        Replacements equal = new Replacements();
        List<Step> kept = new ArrayList<>();
        for (Step original : graph.steps()) {
            Step step = equal.in(original);
            if (step.op() instanceof ViewOp view) {
                Value before = first.putIfAbsent(new Seen(view, step.inputs().getFirst()), step.output());
                if (before != null) {
                    equal.put(step.output(), before);
                    continue;
                }
            }
            kept.add(step);
        }
        return new Graph(graph.inputs(), kept, equal.of(graph.outputs()));
    }
}
