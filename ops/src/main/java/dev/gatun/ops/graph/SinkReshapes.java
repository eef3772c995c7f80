package dev.gatun.ops.graph;

import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Pointwise work behind a reshape that only adds or drops dims of size 1 moves in front of it, to where it can be fused:
/// `relu(squeeze(conv(x)))` becomes `squeeze(relu(conv(x)))`. One-dimensional layers, which compute on images of height
/// 1, are fused this way like two-dimensional ones.
final class SinkReshapes {
    private final Map<Value, Step> producers = new HashMap<>();
    private final Map<Value, Integer> uses;
    private final List<Step> steps = new ArrayList<>();

    private SinkReshapes(Graph graph) {
        uses = graph.uses();
    }

    static Graph apply(Graph graph) {
        SinkReshapes pass = new SinkReshapes(graph);
        graph.steps().forEach(pass::visit);
        return new Graph(graph.inputs(), pass.steps, graph.outputs()).withoutDeadSteps();
    }

    private void visit(Step step) {
        if (!(step.op() instanceof Pointwise) || !sink(step)) {
            add(step);
        }
    }

    private void add(Step step) {
        steps.add(step);
        step.outputs().forEach(v -> producers.put(v, step));
    }

    private boolean sink(Step step) {
        for (Value link : step.inputs()) {
            Step reshape = producers.get(link);
            Shape result = step.output().signature().shape();
            if (reshape == null || !(reshape.op() instanceof Reshape) || uses.getOrDefault(link, 0) != 1
                    || !link.signature().shape().equals(result)) {
                continue;
            }
            Value before = reshape.inputs().getFirst();
            int @Nullable [] from = sources(before.signature().shape(), result);
            if (from != null) {
                rewrite(step, link, before, from);
                return true;
            }
        }
        return false;
    }

    private void rewrite(Step step, Value link, Value before, int[] from) {
        List<Value> operands = new ArrayList<>();
        for (Value v : step.inputs()) {
            operands.add(v == link ? before : reshaped(v, link.signature().shape(), from));
        }
        Signature result = step.output().signature();
        Value inner = Value.of(result.with(before.signature().shape()));
        uses.put(inner, 1);
        add(new Step(step.op(), operands, List.of(inner)));
        add(new Step(new Reshape(result.shape()), List.of(inner), step.outputs()));
    }

    /// An operand that broadcasts to `outer`, as one that broadcasts to the shape before the reshape.
    private Value reshaped(Value operand, Shape outer, int[] from) {
        Shape own = operand.signature().shape();
        int shift = outer.rank() - own.rank();
        int[] dims = new int[from.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = from[i] < shift ? 1 : own.dim(from[i] - shift);
        }
        Shape shape = new Shape(dims);
        if (operand.isConstant()) {
            return Value.constant(operand.tensor().reshape(dims));
        }
        Value value = Value.of(operand.signature().with(shape));
        add(new Step(new Reshape(shape), List.of(operand), List.of(value)));
        return value;
    }

    /// For each dim of `inner` the dim of `outer` that it is, −1 for one of size 1 that `outer` lacks; null when the two
    /// differ by more than dims of size 1.
    private static int @Nullable [] sources(Shape inner, Shape outer) {
        int[] from = new int[inner.rank()];
        int next = 0;
        for (int i = 0; i < from.length; i++) {
            while (next < outer.rank() && outer.dim(next) == 1 && inner.dim(i) != 1) {
                next++;
            }
            boolean match = next < outer.rank() && outer.dim(next) == inner.dim(i);
            if (!match && inner.dim(i) != 1) {
                return null;
            }
            from[i] = match ? next++ : -1;
        }
        while (next < outer.rank() && outer.dim(next) == 1) {
            next++;
        }
        return next == outer.rank() ? from : null;
    }
}
