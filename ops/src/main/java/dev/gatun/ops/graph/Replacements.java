package dev.gatun.ops.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Values that other values take the place of.
final class Replacements {
    private final Map<Value, Value> by = new HashMap<>();

    void put(Value old, Value replacement) {
        by.put(old, replacement);
    }

    Value of(Value value) {
        Value last = value;
        for (Value next = by.get(last); next != null; next = by.get(last)) {
            last = next;
        }
        return last;
    }

    List<Value> of(List<Value> values) {
        return values.stream().map(this::of).toList();
    }

    /// The step with its operands replaced.
    Step in(Step step) {
        return new Step(step.op(), of(step.inputs()), step.outputs());
    }
}
