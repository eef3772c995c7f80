package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.Map;

/// Modules one after another. Their names are their positions, `0`, `1`, …, or those given.
public final class Sequential extends Module {
    private final List<Module> steps;

    /// Named by position.
    public Sequential(Module... modules) {
        steps = List.of(modules);
        for (int i = 0; i < modules.length; i++) {
            child(Integer.toString(i), modules[i]);
        }
    }

    /// Named by the keys, in the order of the map (use a LinkedHashMap).
    public Sequential(Map<String, Module> modules) {
        steps = List.copyOf(modules.values());
        modules.forEach(this::child);
    }

    @Override
    protected Tensor compute(Tensor x) {
        Tensor y = x;
        for (Module m : steps) {
            y = m.forward(y);
        }
        return y;
    }
}
