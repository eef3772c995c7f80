package dev.gatun.ops.graph;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Steps whose operands are all constants are computed now, once. Tracing leaves none; graphs that were made otherwise
/// and the passes themselves may.
final class FoldConstants {
    private FoldConstants() {}

    static Graph apply(Graph graph) {
        Replacements known = new Replacements();
        List<Step> kept = new ArrayList<>();
        for (Step original : graph.steps()) {
            Step step = known.in(original);
            if (!step.inputs().stream().allMatch(Value::isConstant)) {
                kept.add(step);
                continue;
            }
            Tensor[] operands = step.inputs().stream().map(Value::tensor).toArray(Tensor[]::new);
            List<Tensor> results = Autograd.noGrad(() -> Tensor.apply(step.op(), operands));
            for (int i = 0; i < step.outputs().size(); i++) {
                known.put(step.outputs().get(i), Value.constant(results.get(i)));
            }
        }
        return new Graph(graph.inputs(), kept, known.of(graph.outputs())).withoutDeadSteps();
    }
}
