package dev.gatun.onnx.file;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One operation: values of these names in, values of those names out; an input that is left out has an empty name.
public record Node(String operator, String name, List<String> inputs, List<String> outputs,
        Map<String, Attribute> attributes) {
    /// Copies everything.
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /// With every value called `from` called `to`.
    public Node renamed(String from, String to) {
        return new Node(operator, name, inputs.stream().map(s -> s.equals(from) ? to : s).toList(),
                outputs.stream().map(s -> s.equals(from) ? to : s).toList(), attributes);
    }

    /// NodeProto; attributes in the order of their names, so that a model always gives the same bytes.
    Message message() {
        Message out = new Message();
        inputs.forEach(s -> out.text(1, s));
        outputs.forEach(s -> out.text(2, s));
        out.text(3, name).text(4, operator);
        new TreeMap<>(attributes).forEach((key, value) -> out.message(5, value.message(key)));
        return out;
    }
}
