package dev.gatun.onnx;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.onnx.file.Model;
import dev.gatun.onnx.file.Node;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Graph;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The nodes of an ONNX graph while the steps of a trace are written, and what their values are called.
///
/// A value that follows from parameters and constants alone is *known*: no node computes it; it becomes an initializer
/// when a node reads it. A reshape is not written at once either: its result is the value it came from, its *root*, under
/// another shape, and a rule that can work on the root's shape does so. That is how a convolution of height 1 becomes a
/// 1-D one, and a product of flattened rows one of the whole tensor.
final class Emission {
    /// The first version with GELU as an operator.
    static final int OPSET = 20;

    private final Map<Value, String> names = new IdentityHashMap<>();
    private final Map<Value, Value> roots = new IdentityHashMap<>();
    private final Set<Value> read;
    private final Map<Value, Step> producers = new IdentityHashMap<>();
    private final Map<Value, Tensor> known = new IdentityHashMap<>();
    private final Map<Value, String> states = new IdentityHashMap<>();
    private final Map<String, View> initializers = new LinkedHashMap<>();
    private final Map<List<Object>, String> constants = new HashMap<>();
    private final Map<String, Signature> signatures = new LinkedHashMap<>();
    private final Map<String, Integer> counters = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> inputNames = new ArrayList<>();
    private final List<String> outputNames = new ArrayList<>();

    Emission(Graph graph) {
        read = graph.uses().keySet();
        graph.steps().forEach(step -> step.outputs().forEach(v -> producers.put(v, step)));
    }

    // What is there before the first node

    void input(Value value, String name) {
        take(name);
        inputNames.add(name);
        names.put(value, name);
        signatures.put(name, value.signature());
    }

    void state(Value value, Tensor tensor, String name) {
        take(name);
        states.put(value, name);
        known.put(value, tensor);
    }

    private void take(String name) {
        if (!taken.add(name)) {
            throw new IllegalArgumentException("onnx: the name '" + name + "' is used twice");
        }
    }

    private String fresh(String stem) {
        String name;
        do {
            name = stem + "_" + counters.merge(stem, 1, Integer::sum);
        } while (!taken.add(name));
        return name;
    }

    // Steps

    void add(Step step) {
        if (step.inputs().stream().allMatch(this::isKnown)) {
            return;
        }
        OpRules.write(this, step);
    }

    /// True for what does not depend on the inputs.
    boolean isKnown(Value value) {
        Step step = producers.get(value);
        return value.isConstant() || known.containsKey(value)
                || (step != null && step.inputs().stream().allMatch(this::isKnown));
    }

    /// The step behind a known value; null for constants and parameters.
    @Nullable
    Step origin(Value value) {
        return isKnown(value) ? producers.get(value) : null;
    }

    /// The step that makes `value`; null for inputs, parameters and constants.
    @Nullable
    Step producer(Value value) {
        return producers.get(value);
    }

    /// Lets rules see `step` as what makes its outputs.
    void produce(Step step) {
        step.outputs().forEach(v -> producers.put(v, step));
    }

    /// True when a step or a reader of the outputs wants `value`.
    boolean isRead(Value value) {
        return read.contains(value);
    }

    /// The parameter that a known value is; null when it is computed or a constant.
    @Nullable
    String state(Value value) {
        return states.get(value);
    }

    /// The numbers of a known value.
    Tensor tensor(Value value) {
        Tensor tensor = known.get(value);
        if (tensor == null) {
            tensor = value.isConstant() ? value.tensor() : computed(value);
            known.put(value, tensor);
        }
        return tensor;
    }

    private Tensor computed(Value value) {
        Step step = Objects.requireNonNull(producers.get(value));
        Tensor[] operands = step.inputs().stream().map(this::tensor).toArray(Tensor[]::new);
        List<Tensor> results = Autograd.noGrad(() -> Tensor.apply(step.op(), operands));
        return results.get(step.outputs().indexOf(value));
    }

    // Names

    /// The name under which nodes read `value`.
    String name(Value value) {
        String name = names.get(value);
        if (name != null) {
            return name;
        }
        String made = isKnown(value) ? knownName(value) : reshaped(value);
        names.put(value, made);
        return made;
    }

    private String knownName(Value value) {
        String state = states.get(value);
        if (state != null) {
            initializers.putIfAbsent(state, dense(tensor(value)));
            return state;
        }
        return initializer("constant", tensor(value));
    }

    private static View dense(Tensor tensor) {
        return Autograd.noGrad(tensor::contiguous).view();
    }

    /// An initializer with these numbers, called `stem_1` or as is free.
    String initializer(String stem, Tensor tensor) {
        return initialize(fresh(stem), tensor);
    }

    /// An initializer with these numbers under this name, which must be free.
    String initialize(String name, Tensor tensor) {
        taken.add(name);
        initializers.put(name, dense(tensor));
        return name;
    }

    boolean isTaken(String name) {
        return taken.contains(name);
    }

    private String reshaped(Value value) {
        Value root = root(value);
        if (root == value) {
            throw new IllegalStateException("onnx: no node computes " + value);
        }
        Shape from = root.signature().shape();
        Shape to = value.signature().shape();
        if (from.equals(to)) {
            return name(root);
        }
        if (to.rank() == 2 && from.rank() > 1 && from.dim(0) == to.dim(0)) {
            return emit(value.signature(), "Flatten", Map.of("axis", Attribute.of(1)), name(root));
        }
        return emit(value.signature(), "Reshape", Map.of(), name(root), wholes(to.dims()));
    }

    /// The value that `value` is a reshape of, or itself.
    Value root(Value value) {
        return roots.getOrDefault(value, value);
    }

    /// `value` has the numbers of `source`, perhaps under another shape.
    void same(Value value, Value source) {
        roots.put(value, root(source));
    }

    /// `value` is what nodes call `name`.
    void define(Value value, String name) {
        names.put(value, name);
    }

    /// As [#define], when nodes have no name for `value` yet; `make` emits it.
    void defineOnce(Value value, Supplier<String> make) {
        if (!names.containsKey(value)) {
            names.put(value, make.get());
        }
    }

    // Constants

    /// A scalar.
    String scalar(DType type, double number) {
        return constants.computeIfAbsent(List.of(type, number),
                _ -> initializer("constant", Tensor.full(type, Shape.SCALAR, number)));
    }

    /// A vector of I64: a shape, axes.
    String wholes(int... numbers) {
        List<Object> key = new ArrayList<>();
        long[] wide = new long[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            wide[i] = numbers[i];
            key.add(wide[i]);
        }
        return constants.computeIfAbsent(key, _ -> initializer("constant", Tensor.of(wide, wide.length)));
    }

    /// An initializer that is made once for all that ask with this key.
    String shared(String stem, List<Object> key, Supplier<Tensor> numbers) {
        List<Object> whole = new ArrayList<>(key);
        whole.add(stem);
        return constants.computeIfAbsent(whole, _ -> initializer(stem, numbers.get()));
    }

    // Nodes

    /// Adds a node with one output of this signature; gives the output's name.
    String emit(Signature result, String operator, Map<String, Attribute> attributes, String... inputs) {
        return emit(List.of(result), operator, attributes, List.of(inputs)).getFirst();
    }

    /// Adds a node; gives the names of its outputs.
    List<String> emit(List<Signature> results, String operator, Map<String, Attribute> attributes,
            List<String> inputs) {
        List<String> outs = new ArrayList<>();
        for (Signature result : results) {
            String out = fresh(operator.toLowerCase(Locale.ROOT));
            signatures.put(out, result);
            outs.add(out);
        }
        nodes.add(new Node(operator, outs.getFirst(), inputs, outs, attributes));
        return outs;
    }

    /// A node that converts to `type`.
    String cast(String name, Shape shape, DType type) {
        return emit(new Signature(type, shape), "Cast", Map.of("to", Attribute.of(Model.type(type))), name);
    }

    // The end

    /// The values that the model gives, under these names.
    void outputs(List<Value> values, List<String> wanted) {
        wanted.forEach(this::take);
        Set<String> given = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            String from = name(values.get(i));
            String to = wanted.get(i);
            boolean computed = nodes.stream().anyMatch(n -> n.outputs().contains(from));
            outputNames.add(to);
            signatures.put(to, values.get(i).signature());
            // What is an input, a parameter, or given already under another name needs a node of its own.
            if (computed && given.add(from)) {
                nodes.replaceAll(n -> n.renamed(from, to));
                names.replaceAll((_, name) -> name.equals(from) ? to : name);
                signatures.remove(from);
                given.add(to);
            } else {
                nodes.add(new Node("Identity", to, List.of(from), List.of(to), Map.of()));
            }
        }
    }

    /// Nodes that a later rule looked past are left out, and what only they read.
    Model model(String name) {
        Set<String> needed = new HashSet<>(outputNames);
        List<Node> live = new ArrayList<>();
        for (Node node : nodes.reversed()) {
            if (node.outputs().stream().anyMatch(needed::contains)) {
                live.add(node);
                needed.addAll(node.inputs());
            }
        }
        Set<String> computed = new HashSet<>();
        live.forEach(n -> computed.addAll(n.outputs()));
        initializers.keySet().retainAll(needed);
        signatures.keySet().removeIf(s -> !computed.contains(s) && !inputNames.contains(s));
        return new Model(name, OPSET, inputNames, outputNames, live.reversed(), initializers, signatures);
    }
}
