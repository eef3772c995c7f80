package dev.gatun.nn;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a network is made of, found by running it once on zeros: each module with its output shape, its own trained
/// values and its multiply–adds.
public record Summary(List<Row> rows, long parameters, long trainable, long multiplyAdds) {
    /// One module; `depth` is 0 for the network itself. Numbers are the module's own, without its children.
    public record Row(String name, String kind, int depth, Shape output, long parameters, long multiplyAdds) {}

    /// Runs `module` in evaluation mode on F32 zeros of shape `input`; afterwards its modes are as they were.
    public static Summary of(Module module, int... input) {
        Recorder recorder = new Recorder(module);
        Map<Module, Boolean> modes = new IdentityHashMap<>();
        module.modules().values().forEach(m -> modes.put(m, m.isTraining()));
        module.eval();
        try (Scope _ = Engine.current().scope()) {
            Autograd.noGrad(() -> ScopedValue.where(Module.WATCHER, recorder)
                    .run(() -> module.forward(Tensor.zeros(input))));
        } finally {
            modes.forEach(Module::setTraining);
        }
        List<Row> rows = recorder.rows();
        long trainable = module.parameters().values().stream().filter(Tensor::requiresGrad).mapToLong(Tensor::count)
                .sum();
        return new Summary(rows, module.parameterCount(), trainable,
                rows.stream().mapToLong(Row::multiplyAdds).sum());
    }

    private static final class Recorder implements Module.Watcher {
        private final Map<Module, String> names = new IdentityHashMap<>();
        private final List<Row> rows = new ArrayList<>();
        private final Deque<Integer> open = new ArrayDeque<>();

        Recorder(Module root) {
            root.modules().forEach((name, m) -> names.put(m, name));
        }

        List<Row> rows() {
            return List.copyOf(rows);
        }

        @Override
        public void enters(Module module) {
            rows.add(row(module, Shape.SCALAR, 0));
            open.push(rows.size() - 1);
        }

        @Override
        public void leaves(Module module, Tensor x, Tensor y) {
            int at = open.pop();
            rows.set(at, row(module, y.shape(), module.multiplyAdds(x.shape(), y.shape())));
        }

        private Row row(Module module, Shape output, long multiplyAdds) {
            String name = names.getOrDefault(module, "?");
            return new Row(name, module.getClass().getSimpleName(), open.size(), output, module.ownParameterCount(),
                    multiplyAdds);
        }
    }

    /// A table, one module per line, totals below.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        out.append(String.format(Locale.ROOT, "%-36s %-18s %12s %14s%n", "layer", "output", "parameters", "MACs"));
        for (Row r : rows) {
            String label = "  ".repeat(r.depth) + r.kind + (r.name.isEmpty() ? "" : " (" + r.name + ")");
            out.append(String.format(Locale.ROOT, "%-36s %-18s %,12d %,14d%n", label, r.output, r.parameters,
                    r.multiplyAdds));
        }
        return out
                .append(String.format(Locale.ROOT, "%,d parameters, %,d of them trained; %,d multiply–adds%n",
                        parameters, trainable,
                        multiplyAdds))
                .toString();
    }
}
