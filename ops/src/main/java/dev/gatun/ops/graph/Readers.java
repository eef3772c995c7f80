package dev.gatun.ops.graph;

import dev.gatun.ops.Copy;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.ScaledDotProductAttention;
import dev.gatun.ops.ViewOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who reads which value of a graph, and whether they can read it with holes between its rows.
final class Readers {
    private final Map<Value, List<Step>> steps = new HashMap<>();
    private final Set<Value> outputs;

    Readers(Graph graph) {
        outputs = new HashSet<>(graph.outputs());
        for (Step step : graph.steps()) {
            for (Value v : new HashSet<>(step.inputs())) {
                steps.computeIfAbsent(v, _ -> new ArrayList<>()).add(step);
            }
        }
    }

    List<Step> of(Value value) {
        return steps.getOrDefault(value, List.of());
    }

    /// True when exactly one step reads the value, once, and it is no output.
    boolean isReadOnce(Value value) {
        List<Step> all = of(value);
        return all.size() == 1 && !outputs.contains(value)
                && all.getFirst().inputs().stream().filter(v -> v == value).count() == 1;
    }

    /// True when everybody who reads `value`, also through views, can do so when it lies as `lie` says. Results of the
    /// graph are row-major; products, attention and pointwise work take rows any distance apart, other kernels are not
    /// asked to.
    boolean accept(Value value, @Nullable StridedShape lie) {
        if (lie == null || (outputs.contains(value) && !lie.isRowMajor())) {
            return false;
        }
        for (Step reader : of(value)) {
            boolean fits = switch (reader.op()) {
                case ViewOp view -> accept(reader.output(), lie.through(view));
                case MatMul _ -> lie.hasRows() || lie.hasColumns();
                case Pointwise _ -> lie.hasRows();
                case ScaledDotProductAttention _ -> reader.inputs().indexOf(value) > 2 || lie.hasRows();
                case Copy _ -> true;
                default -> lie.isRowMajor();
            };
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}
