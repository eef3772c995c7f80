package dev.gatun.ops.graph;

import dev.gatun.ops.Copy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A copy of what lies row-major anyway is left out: code that was traced on permuted numbers copies them, and a pass
/// that makes them lie in the wanted order has the copy to spare.
final class DropCopies {
    private DropCopies() {}

    static Graph apply(Graph graph) {
        Map<Value, Step> producers = new HashMap<>();
        Replacements same = new Replacements();
        List<Step> kept = new ArrayList<>();
        for (Step original : graph.steps()) {
            Step step = same.in(original);
            if (step.op() instanceof Copy) {
                Value source = step.inputs().getFirst();
                StridedShape lie = StridedShape.of(source, producers);
                if (lie != null && lie.isRowMajor()) {
                    same.put(step.output(), source);
                    continue;
                }
            }
            kept.add(step);
            step.outputs().forEach(v -> producers.put(v, step));
        }
        return new Graph(graph.inputs(), kept, same.of(graph.outputs()));
    }
}
