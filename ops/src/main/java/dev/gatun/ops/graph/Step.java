package dev.gatun.ops.graph;

import dev.gatun.ops.Op;
import java.util.List;

/// One operation of a [Graph].
public record Step(Op op, List<Value> inputs, List<Value> outputs) {
    /// Copies the lists.
    public Step {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// The only output.
    public Value output() {
        if (outputs.size() != 1) {
            throw new IllegalStateException("graph: " + op.name() + " has " + outputs.size() + " outputs, not one");
        }
        return outputs.getFirst();
    }

    @Override
    public String toString() {
        return op.name() + " " + inputs + " -> " + outputs;
    }
}
