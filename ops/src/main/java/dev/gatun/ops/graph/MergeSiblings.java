package dev.gatun.ops.graph;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Slice;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Products of one value with several constant matrices become one product with all columns side by side; the results
/// are slices of it: the projections to queries, keys and values, gates, parallel heads. What follows the product must
/// be the same expression with constant operands, one number per column or one for all; and whoever reads a result must
/// take rows with other columns between them. No sum changes a bit: each column has its own.
final class MergeSiblings {
    /// What siblings have in common.
    private record Family(Value input, int rank, double alpha, Expr epilogue, int operands) {}

    private final Graph graph;
    private final Map<Step, List<Step>> replaced = new IdentityHashMap<>();

    private MergeSiblings(Graph graph) {
        this.graph = graph;
    }

    static Graph apply(Graph graph) {
        MergeSiblings pass = new MergeSiblings(graph);
        Map<Family, List<Step>> families = new LinkedHashMap<>();
        for (Step step : graph.steps()) {
            if (step.op() instanceof MatMul product && mayMerge(step)) {
                Family family = new Family(step.inputs().getFirst(), step.output().signature().shape().rank(),
                        product.alpha(), product.epilogue(), step.inputs().size());
                families.computeIfAbsent(family, _ -> new ArrayList<>()).add(step);
            }
        }
        families.values().forEach(pass::merge);
        return new Graph(graph.inputs(),
                graph.steps().stream().flatMap(s -> pass.replaced.getOrDefault(s, List.of(s)).stream()).toList(),
                graph.outputs());
    }

    private static boolean mayMerge(Step step) {
        Value weights = step.inputs().get(1);
        int columns = step.output().signature().shape().dim(-1);
        return weights.isConstant() && weights.signature().shape().rank() == 2 && columns > 0
                && step.inputs().subList(2, step.inputs().size()).stream()
                        .allMatch(v -> v.isConstant() && isPerColumn(v.signature().shape(), columns));
    }

    private static boolean isPerColumn(Shape shape, int columns) {
        return shape.count() == 1 || (shape.count() == columns && shape.dim(-1) == columns);
    }

    private void merge(List<Step> family) {
        if (family.size() < 2) {
            return;
        }
        Readers readers = new Readers(graph);
        int all = family.stream().mapToInt(MergeSiblings::columns).sum();
        List<Step> siblings = new ArrayList<>();
        for (Step step : family) {
            Shape own = step.output().signature().shape();
            StridedShape whole = StridedShape.rowMajor(own.with(own.rank() - 1, all));
            if (readers.accept(step.output(), whole.through(slice(step, 0)))) {
                siblings.add(step);
            }
        }
        if (siblings.size() > 1) {
            replace(siblings);
        }
    }

    private static int columns(Step step) {
        return step.output().signature().shape().dim(-1);
    }

    private static Slice slice(Step step, int start) {
        return new Slice(step.output().signature().shape().rank() - 1, start, columns(step), 1);
    }

    private void replace(List<Step> siblings) {
        Step first = siblings.getFirst();
        List<Value> operands = new ArrayList<>();
        operands.add(first.inputs().getFirst());
        operands.add(Value.constant(Tensor.cat(
                siblings.stream().map(s -> s.inputs().get(1).tensor().t()).toList(), 0).t()));
        for (int i = 2; i < first.inputs().size(); i++) {
            int index = i;
            operands.add(isOneNumber(siblings, index) ? first.inputs().get(index)
                    : Value.constant(
                            Tensor.cat(siblings.stream().map(s -> perColumn(s, index)).toList(), 0)));
        }
        Signature one = first.output().signature();
        int all = siblings.stream().mapToInt(MergeSiblings::columns).sum();
        Value merged = Value.of(one.with(one.shape().with(one.shape().rank() - 1, all)));
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(first.op(), operands, List.of(merged)));
        int start = 0;
        for (Step step : siblings) {
            steps.add(new Step(slice(step, start), List.of(merged), step.outputs()));
            start += columns(step);
            replaced.put(step, List.of());
        }
        replaced.put(first, steps);
    }

    private static boolean isOneNumber(List<Step> siblings, int index) {
        Tensor first = siblings.getFirst().inputs().get(index).tensor();
        return siblings.stream().map(s -> s.inputs().get(index).tensor())
                .allMatch(t -> t.count() == 1 && t.view().getDouble(0) == first.view().getDouble(0));
    }

    private static Tensor perColumn(Step step, int index) {
        Tensor operand = step.inputs().get(index).tensor();
        return operand.count() == 1 ? operand.reshape(1).expand(columns(step)) : operand.reshape(columns(step));
    }
}
