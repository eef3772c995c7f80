package dev.gatun.nn;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Part of a network: named parameters (trained), buffers (kept but not trained) and child modules, and a function of
/// one tensor. Names join with dots down the tree (`layer1.0.conv1.weight`), as in PyTorch, so that its files load.
///
/// A subclass registers its parts in the constructor and implements [#compute]:
///
/// ```java
/// final class Block extends Module {
///     private final Conv2d conv = child("conv", new Conv2d(8, 8, 3, generator));
///
///     @Override
///     protected Tensor compute(Tensor x) {
///         return conv.forward(x).relu().add(x);
///     }
/// }
/// ```
///
/// Parameters belong to no memory scope: they live as long as the module is reachable, or until [#close].
public abstract class Module implements AutoCloseable {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();
    private boolean training = true;

    /// A module in training mode without parts.
    protected Module() {}

    /// Applies this module to `x`; some modules act differently in training ([#isTraining]).
    public final Tensor forward(Tensor x) {
        if (!WATCHER.isBound()) {
            return compute(x);
        }
        Watcher watcher = WATCHER.get();
        watcher.enters(this);
        Tensor y = compute(x);
        watcher.leaves(this, x, y);
        return y;
    }

    /// What [#forward] gives; overridden by each kind of module.
    protected abstract Tensor compute(Tensor x);

    /// Hears of every module that is applied (see [Summary]).
    interface Watcher {
        void enters(Module module);

        void leaves(Module module, Tensor x, Tensor y);
    }

    static final ScopedValue<Watcher> WATCHER = ScopedValue.newInstance();

    /// Multiply–add operations for one input of this shape that gave this output, not counting children; 0 for modules
    /// that neither multiply matrices nor convolve.
    protected long multiplyAdds(Shape x, Shape y) {
        return 0;
    }

    // Building

    /// Registers a trained tensor and takes it out of its scope. Returns it. Throws when the name is taken or has a dot.
    protected final Tensor parameter(String name, Tensor value) {
        checkName(name);
        parameters.put(name, value.unscoped().requiresGrad(true));
        return value;
    }

    /// Registers a tensor that is saved with the module but not trained, such as a running mean. Returns it.
    protected final Tensor buffer(String name, Tensor value) {
        checkName(name);
        buffers.put(name, value.unscoped());
        return value;
    }

    /// Registers a module inside this one. Returns it.
    protected final <M extends Module> M child(String name, M module) {
        checkName(name);
        children.put(name, module);
        return module;
    }

    private void checkName(String name) {
        if (name.isEmpty() || name.contains(".")) {
            throw new IllegalArgumentException("module: a name must not be empty nor contain a dot: '" + name + "'");
        }
        if (parameters.containsKey(name) || buffers.containsKey(name) || children.containsKey(name)) {
            throw new IllegalArgumentException("module: the name '" + name + "' is used twice");
        }
    }

    // Parts

    /// The modules directly inside this one, by name, in the order they were registered.
    public final Map<String, Module> children() {
        return java.util.Collections.unmodifiableMap(children);
    }

    /// All modules below this one and itself, by dotted name (empty for itself), parents first.
    public final Map<String, Module> modules() {
        Map<String, Module> all = new LinkedHashMap<>();
        collectModules("", all);
        return all;
    }

    private void collectModules(String prefix, Map<String, Module> all) {
        all.put(prefix, this);
        children.forEach((name, m) -> m.collectModules(prefix.isEmpty() ? name : prefix + "." + name, all));
    }

    /// The trained tensors of this module and all below it, by dotted name. Frozen ones are among them.
    public final Map<String, Tensor> parameters() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        modules().forEach((prefix, m) -> m.parameters.forEach((name, t) -> all.put(join(prefix, name), t)));
        return all;
    }

    /// The kept but untrained tensors of this module and all below it, by dotted name.
    public final Map<String, Tensor> buffers() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        modules().forEach((prefix, m) -> m.buffers.forEach((name, t) -> all.put(join(prefix, name), t)));
        return all;
    }

    /// The parameters and buffers by the names PyTorch gives them, in its order. The tensors themselves, not copies.
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        modules().forEach((prefix, m) -> {
            m.parameters.forEach((name, t) -> all.put(join(prefix, name), t));
            m.buffers.forEach((name, t) -> all.put(join(prefix, name), t));
        });
        return all;
    }

    private static String join(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }

    /// Copies `state` into the parameters and buffers. Every name must be on both sides with the same shape; otherwise
    /// IllegalArgumentException lists all that are missing, unexpected or of another shape, and nothing is changed.
    public final void load(Map<String, Tensor> state) {
        Map<String, Tensor> own = stateDict();
        Map<String, int[]> shapes = new LinkedHashMap<>();
        state.forEach((name, t) -> shapes.put(name, t.shape().dims()));
        checkFits(shapes);
        Autograd.noGrad(() -> state.forEach((name, given) -> Objects.requireNonNull(own.get(name)).copyFrom(given)));
    }

    /// Throws the exception of [#load] when tensors of these names and shapes would not fit.
    final void checkFits(Map<String, int[]> shapes) {
        Map<String, Tensor> own = stateDict();
        List<String> missing = new ArrayList<>(own.keySet());
        missing.removeAll(shapes.keySet());
        List<String> unexpected = new ArrayList<>(shapes.keySet());
        unexpected.removeAll(own.keySet());
        Map<String, String> mismatched = new TreeMap<>();
        own.forEach((name, t) -> {
            int @Nullable [] given = shapes.get(name);
            if (given != null && !Arrays.equals(given, t.shape().dims())) {
                mismatched.put(name, Arrays.toString(given) + " for " + t.shape());
            }
        });
        if (!missing.isEmpty() || !unexpected.isEmpty() || !mismatched.isEmpty()) {
            throw new IllegalArgumentException("load: the state does not fit: missing " + missing + ", unexpected "
                    + unexpected + ", of another shape " + mismatched);
        }
    }

    // Modes

    /// Training mode for this module and all below: dropout drops, batch norm uses and follows the batch. Returns this.
    public final Module train() {
        modules().values().forEach(m -> m.training = true);
        return this;
    }

    /// Evaluation mode for this module and all below. Returns this.
    public final Module eval() {
        modules().values().forEach(m -> m.training = false);
        return this;
    }

    /// True in training mode, which is what a new module is in.
    public final boolean isTraining() {
        return training;
    }

    /// Stops training of all parameters here and below: they collect no gradient. Returns this.
    public final Module freeze() {
        parameters().values().forEach(t -> t.requiresGrad(false));
        return this;
    }

    /// Undoes [#freeze]. Returns this.
    public final Module unfreeze() {
        parameters().values().forEach(t -> t.requiresGrad(true));
        return this;
    }

    /// Calls `work` for this module and all below, parents first. Returns this.
    public final Module apply(Consumer<Module> work) {
        modules().values().forEach(work);
        return this;
    }

    /// Frees the gradients of all parameters.
    public final void zeroGrad() {
        parameters().values().forEach(Tensor::zeroGrad);
    }

    /// Number of trained values, frozen ones included.
    public final long parameterCount() {
        return parameters().values().stream().mapToLong(Tensor::count).sum();
    }

    final long ownParameterCount() {
        return parameters.values().stream().mapToLong(Tensor::count).sum();
    }

    final void setTraining(boolean on) {
        training = on;
    }

    /// What [#toString] says in parentheses about this module itself; empty by default.
    protected String describe() {
        return "";
    }

    /// The tree of modules, one per line.
    @Override
    public final String toString() {
        StringBuilder out = new StringBuilder(getClass().getSimpleName()).append('(').append(describe());
        children.forEach((name, m) -> out.append("\n  (").append(name).append("): ")
                .append(m.toString().replace("\n", "\n  ")));
        return out.append(children.isEmpty() ? ")" : "\n)").toString();
    }

    /// Frees all parameters and buffers here and below; the module is unusable afterwards.
    @Override
    public void close() {
        stateDict().values().forEach(Tensor::close);
    }
}
