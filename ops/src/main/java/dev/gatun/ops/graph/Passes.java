package dev.gatun.ops.graph;

import java.util.List;
import java.util.function.UnaryOperator;

/// What a traced graph goes through to become the graph of a plan, in this order.
final class Passes {
    private static final List<UnaryOperator<Graph>> ALL = List.of(
            Graph::withoutDeadSteps,
            FoldConstants::apply,
            AttentionPattern::apply,
            AttentionByHeads::apply,
            SinkReshapes::apply,
            MergeReshapes::apply,
            FoldAffine::apply,
            Fusion::epilogues,
            MergeViews::apply,
            MergeSiblings::apply,
            DropCopies::apply,
            Fusion::chains,
            InlineScalars::apply,
            Graph::withoutDeadSteps);

    private Passes() {}

    static Graph apply(Graph graph) {
        Graph result = graph;
        for (UnaryOperator<Graph> pass : ALL) {
            result = pass.apply(result);
        }
        return result;
    }
}
