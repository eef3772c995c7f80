package dev.gatun.ops.graph;

import dev.gatun.ops.MaxPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Steps in an order in which they can run. Immutable; a pass gives a new graph.
public record Graph(List<Value> inputs, List<Step> steps, List<Value> outputs) {
    /// Copies the lists and checks the order: every operand is an input, a constant, or made by an earlier step.
    public Graph {
        inputs = List.copyOf(inputs);
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
        Set<Value> known = new HashSet<>(inputs);
        for (Step step : steps) {
            for (Value v : step.inputs()) {
                if (!v.isConstant() && !known.contains(v)) {
                    throw new IllegalArgumentException("graph: an operand of " + step + " is not computed before it");
                }
            }
            known.addAll(step.outputs());
        }
        for (Value v : outputs) {
            if (!v.isConstant() && !known.contains(v)) {
                throw new IllegalArgumentException("graph: output " + v + " is never computed");
            }
        }
    }

    /// The step that makes `value`, or null for inputs and constants.
    public @Nullable Step producer(Value value) {
        for (Step step : steps) {
            if (step.outputs().contains(value)) {
                return step;
            }
        }
        return null;
    }

    /// How often each value is read, by steps and as an output.
    public Map<Value, Integer> uses() {
        Map<Value, Integer> uses = new HashMap<>();
        steps.forEach(s -> s.inputs().forEach(v -> uses.merge(v, 1, Integer::sum)));
        outputs.forEach(v -> uses.merge(v, 1, Integer::sum));
        return uses;
    }

    /// Without the steps whose results nobody reads, and without the positions that a max pooling would only write for a
    /// backward pass.
    public Graph withoutDeadSteps() {
        Set<Value> live = new HashSet<>(outputs);
        List<Step> kept = new ArrayList<>();
        for (Step step : steps.reversed()) {
            if (step.outputs().stream().anyMatch(live::contains)) {
                boolean valuesOnly = step.op() instanceof MaxPool && !live.contains(step.outputs().getLast());
                kept.add(valuesOnly ? new Step(step.op(), step.inputs(), step.outputs().subList(0, 1)) : step);
                live.addAll(step.inputs());
            }
        }
        return new Graph(inputs, kept.reversed(), outputs);
    }

    /// One line per step, values numbered in order of appearance.
    @Override
    public String toString() {
        IdentityHashMap<Value, String> names = new IdentityHashMap<>();
        StringBuilder text = new StringBuilder();
        inputs.forEach(v -> text.append(name(names, v)).append(' ').append(v.signature()).append(" = input\n"));
        for (Step step : steps) {
            step.outputs().forEach(v -> text.append(name(names, v)).append(' ').append(v.signature()).append(' '));
            text.append("= ").append(step.op());
            step.inputs().forEach(v -> text.append(' ').append(v.isConstant() ? v.toString() : name(names, v)));
            text.append('\n');
        }
        outputs.forEach(v -> text.append("output ").append(name(names, v)).append('\n'));
        return text.toString();
    }

    private static String name(IdentityHashMap<Value, String> names, Value value) {
        return names.computeIfAbsent(value, v -> "%" + names.size());
    }
}
