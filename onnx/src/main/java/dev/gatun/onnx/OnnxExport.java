package dev.gatun.onnx;

import dev.gatun.nn.Module;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Graph;
import dev.gatun.ops.graph.Tracer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Describes an ONNX file of a module: traced in evaluation mode on samples, its shapes fixed to theirs, operators of
/// version 20. The parameters that the module reads stand in the file under the names and in the layout of
/// [Module#stateDict], but for those of recurrent layers: ONNX orders gates otherwise, and the name says how
/// (`weight_ih_l0_iofc`). What follows from parameters alone, such as rows of a table at fixed positions, is computed once
/// and stands there as a constant.
///
/// ```java
/// OnnxExport.of(model).input("image", Tensor.zeros(1, 3, 224, 224)).output("scores").write(Path.of("model.onnx"));
/// ```
///
/// Control flow is followed once, with the numbers of the samples.
public final class OnnxExport {
    private final Module module;
    private final UnaryOperator<List<Tensor>> function;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final List<String> outputs = new ArrayList<>();

    private OnnxExport(Module module, UnaryOperator<List<Tensor>> function) {
        this.module = module;
        this.function = function;
    }

    /// A module of one input and one output.
    public static OnnxExport of(Module module) {
        return new OnnxExport(module, tensors -> List.of(module.forward(tensors.getFirst())));
    }

    /// `function` over the inputs, which uses `module` and gives the outputs.
    public static OnnxExport of(Module module, UnaryOperator<List<Tensor>> function) {
        return new OnnxExport(module, function);
    }

    /// Adds an input with the element type and shape of `sample`. Its numbers must be allowed ones (indices in range).
    public OnnxExport input(String name, Tensor sample) {
        if (inputs.put(checked(name), sample) != null) {
            throw new IllegalArgumentException("onnx: two inputs are called '" + name + "'");
        }
        return this;
    }

    /// Names the next output; without names they are `output`, or `output0`, `output1` and so on.
    public OnnxExport output(String name) {
        if (outputs.contains(checked(name))) {
            throw new IllegalArgumentException("onnx: two outputs are called '" + name + "'");
        }
        outputs.add(name);
        return this;
    }

    private static String checked(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("onnx: a name must not be empty");
        }
        return name;
    }

    /// Traces the module and writes the file, replacing `path` as a whole. The module's modes are as before afterwards.
    /// Throws [OnnxExportException] for an operation that ONNX lacks, and [IllegalArgumentException] when no input was
    /// declared, when outputs are not as many as their names, when a name is used twice, or when the file would pass
    /// 2 GiB; `path` is untouched then.
    public void write(Path path) throws IOException {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("onnx: declare an input: export.input(\"x\", Tensor.zeros(1, …))");
        }
        Engine engine = inputs.values().iterator().next().engine();
        try (Scope _ = engine.scope()) {
            engine.call(this::emission).model(module.getClass().getSimpleName()).write(path);
        }
    }

    private Emission emission() {
        // Parameters are inputs of the trace, so that what is computed from them alone shows where it comes from.
        Map<Tensor, String> state = new java.util.IdentityHashMap<>();
        List<Tensor> samples = new ArrayList<>(inputs.values());
        module.stateDict().forEach((name, tensor) -> {
            if (state.putIfAbsent(tensor, name) == null) {
                samples.add(tensor);
            }
        });
        Map<Module, Boolean> modes = new LinkedHashMap<>();
        module.modules().values().forEach(m -> modes.put(m, m.isTraining()));
        Graph graph;
        try {
            module.eval();
            graph = Tracer.trace(samples, all -> function.apply(all.subList(0, inputs.size()))).withoutDeadSteps();
        } finally {
            // Parents first: a mode reaches everything below.
            modes.forEach((m, training) -> {
                if (training) {
                    m.train();
                } else {
                    m.eval();
                }
            });
        }
        Emission emission = new Emission(graph);
        for (int i = 0; i < samples.size(); i++) {
            if (i < inputs.size()) {
                emission.input(graph.inputs().get(i), List.copyOf(inputs.keySet()).get(i));
            } else {
                emission.state(graph.inputs().get(i), samples.get(i), state.getOrDefault(samples.get(i), ""));
            }
        }
        graph.steps().forEach(emission::add);
        emission.outputs(graph.outputs(), outputNames(graph.outputs().size()));
        return emission;
    }

    private List<String> outputNames(int count) {
        if (outputs.isEmpty()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(count == 1 ? "output" : "output" + i);
            }
            return names;
        }
        if (outputs.size() != count) {
            throw new IllegalArgumentException(
                    "onnx: the module gives " + count + " outputs, but " + outputs.size() + " are named: " + outputs);
        }
        return outputs;
    }
}
