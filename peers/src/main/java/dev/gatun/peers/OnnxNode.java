package dev.gatun.peers;

import dev.gatun.peers.OnnxGraph.Constant;
import java.util.List;
import java.util.Map;

/// One operation of a graph. A missing optional input has an empty name.
record OnnxNode(String type, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    /// True when input `index` is given.
    boolean has(int index) {
        return index < inputs.size() && !inputs.get(index).isEmpty();
    }

    long integer(String name, long otherwise) {
        return attributes.get(name) instanceof Long value ? value : otherwise;
    }

    double real(String name, double otherwise) {
        return attributes.get(name) instanceof Float value ? value : otherwise;
    }

    String text(String name, String otherwise) {
        return attributes.get(name) instanceof String value ? value : otherwise;
    }

    long[] integers(String name, long... otherwise) {
        return attributes.get(name) instanceof long[] values ? values : otherwise;
    }

    Constant tensor(String name) {
        if (attributes.get(name) instanceof Constant value) {
            return value;
        }
        throw new IllegalArgumentException("onnx: " + this + " has no tensor " + name);
    }

    @Override
    public String toString() {
        return type + " " + inputs + " -> " + outputs;
    }
}
