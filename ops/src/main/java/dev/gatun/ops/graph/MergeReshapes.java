package dev.gatun.ops.graph;

import dev.gatun.ops.Reshape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A reshape of a reshape becomes one, and one that gives back the shape it began with none: layers of one dimension,
/// which compute on images of height 1, then follow each other without a view between them.
final class MergeReshapes {
    private MergeReshapes() {}

    static Graph apply(Graph graph) {
        Map<Value, Value> roots = new HashMap<>();
        Replacements same = new Replacements();
        Set<Value> outputs = new HashSet<>(graph.outputs());
        List<Step> steps = new ArrayList<>();
        for (Step original : graph.steps()) {
            Step step = same.in(original);
            if (!(step.op() instanceof Reshape)) {
                steps.add(step);
                continue;
            }
            Value before = step.inputs().getFirst();
            Value root = roots.getOrDefault(before, before);
            if (root.signature().equals(step.output().signature()) && !outputs.contains(step.output())) {
                same.put(step.output(), root);
                continue;
            }
            roots.put(step.output(), root);
            steps.add(new Step(step.op(), List.of(root), step.outputs()));
        }
        return new Graph(graph.inputs(), steps, graph.outputs()).withoutDeadSteps();
    }
}
