package dev.gatun.nn.optim;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Changes parameters along their gradients. An optimiser is a list of expressions over (parameter, gradient, states,
/// scalars): each step is one fused pass over the memory of all parameters. Numbers that change from step to step are inputs of
/// stride 0, so nothing is compiled twice.
///
/// Parameters without a gradient are left alone, and so is their state. For one thread at a time.
public abstract class Optimizer {
    /// Operands of an update expression: input 0 is the parameter, 1 the gradient, then the states, then the scalars.
    static final Expr PARAMETER = Expr.input(0);

    static final Expr GRADIENT = Expr.input(1);

    private static final class Entry {
        final String name;
        final ParameterGroup group;
        final Tensor parameter;
        final List<Expr> update;
        final Tensor[] states;
        final Tensor scalars;
        long steps;

        Entry(String name, ParameterGroup group, Tensor parameter, List<Expr> update, int states, int scalars) {
            this.name = name;
            this.group = group;
            this.parameter = parameter;
            this.update = update;
            this.states = new Tensor[states];
            for (int i = 0; i < states; i++) {
                this.states[i] = Tensor.zerosLike(parameter).unscoped();
            }
            this.scalars = parameter.engine().call(
                    () -> Tensor.zeros(parameter.dtype(), Shape.of(scalars)).unscoped());
        }
    }

    private final List<ParameterGroup> groups;
    private final List<String> stateNames;
    private final List<Entry> entries = new ArrayList<>();
    private double learningRate;
    private double factor = 1;

    /// An optimiser with these states per parameter, `scalars` numbers that [#scalars] computes, and one update
    /// expression for the parameter and for each state, which [#update] gives.
    Optimizer(List<ParameterGroup> groups, double learningRate, List<String> stateNames) {
        this.groups = List.copyOf(groups);
        this.stateNames = stateNames;
        setLearningRate(learningRate);
    }

    /// Makes the states; the subclass calls it at the end of its constructor.
    final void prepare(int scalars) {
        for (ParameterGroup group : groups) {
            List<Expr> update = update(group);
            group.parameters().forEach((name, p) -> entries
                    .add(new Entry(name, group, p, update, stateNames.size(), scalars)));
        }
        long names = entries.stream().map(e -> e.name).distinct().count();
        if (names != entries.size()) {
            throw new IllegalArgumentException("optimizer: a parameter name appears in two groups");
        }
    }

    /// New values of the parameter and of each state.
    abstract List<Expr> update(ParameterGroup group);

    /// The scalars of step `t` (1, 2, …) at learning rate `rate`.
    abstract double[] scalars(ParameterGroup group, double rate, long t);

    /// The scalar `index` in an update expression.
    final Expr scalar(int index) {
        return Expr.input(2 + stateNames.size() + index);
    }

    /// State `index` in an update expression.
    static Expr state(int index) {
        return Expr.input(2 + index);
    }

    /// One update of every parameter that has a gradient; those of a group as one piece of work.
    public final void step() {
        for (ParameterGroup group : groups) {
            List<Entry> due =
                    entries.stream().filter(e -> e.group.equals(group) && e.parameter.grad() != null).toList();
            if (!due.isEmpty()) {
                step(group, due);
            }
        }
    }

    private void step(ParameterGroup group, List<Entry> due) {
        List<List<View>> in = new ArrayList<>();
        List<List<View>> out = new ArrayList<>();
        for (Entry e : due) {
            e.steps++;
            double[] values = scalars(group, effectiveRate() * group.rateScale(), e.steps);
            View p = e.parameter.view();
            View g = Objects.requireNonNull(e.parameter.grad()).view();
            View numbers = e.scalars.view();
            // Seen as a line, every parameter is walked in the same way.
            boolean line = p.isContiguous() && g.isContiguous();
            List<View> inputs = new ArrayList<>(List.of(line(p, line), line(g, line)));
            List<View> outputs = new ArrayList<>(List.of(inputs.getFirst()));
            for (Tensor s : e.states) {
                View state = line(s.view(), line);
                inputs.add(state);
                outputs.add(state);
            }
            int[] dims = inputs.getFirst().dims();
            for (int i = 0; i < values.length; i++) {
                numbers.setDouble(i, values[i]);
                inputs.add(numbers.restride(i, dims, new int[dims.length]));
            }
            in.add(inputs);
            out.add(outputs);
        }
        Engine engine = due.getFirst().parameter.engine();
        engine.compute(engine.kernels().pointwise().mapAll(due.getFirst().update, in, out), "optimizer");
        due.forEach(e -> e.parameter.markWritten());
    }

    private static View line(View v, boolean line) {
        return line ? v.restride(0, new int[] {v.count()}, new int[] {1}) : v;
    }

    /// Frees the gradients of all parameters.
    public final void zeroGrad() {
        entries.forEach(e -> e.parameter.zeroGrad());
    }

    /// The learning rate, before the factor of a schedule and the scale of a group.
    public final double learningRate() {
        return learningRate;
    }

    /// Sets the learning rate of the steps to come; not negative.
    public final void setLearningRate(double rate) {
        if (!(rate >= 0)) {
            throw new IllegalArgumentException("optimizer: the learning rate must not be negative: " + rate);
        }
        learningRate = rate;
    }

    /// Multiplies the learning rate of the steps to come, as a schedule asks; 1 in the beginning.
    public final void setFactor(double newFactor) {
        factor = newFactor;
    }

    /// Learning rate times the schedule's factor.
    public final double effectiveRate() {
        return learningRate * factor;
    }

    /// The parameters of all groups.
    public final List<Tensor> parameters() {
        return entries.stream().map(e -> e.parameter).toList();
    }

    /// States and step counts by name (`momentum.layer.weight`, `step.layer.weight`), for a checkpoint: the state
    /// tensors themselves, and new ones for the counts.
    public final Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Entry e : entries) {
            for (int i = 0; i < e.states.length; i++) {
                all.put(stateNames.get(i) + "." + e.name, e.states[i]);
            }
            all.put("step." + e.name, e.parameter.engine().call(() -> Tensor.full(DType.I64, Shape.SCALAR, e.steps)));
        }
        return all;
    }

    /// Restores what [#state] gave; throws when a name is missing or a shape differs, and then changes nothing.
    public final void load(Map<String, Tensor> state) {
        Map<String, Tensor> own = state();
        if (!state.keySet().equals(own.keySet())) {
            throw new IllegalArgumentException(
                    "optimizer: the state has other names: " + state.keySet() + " for " + own.keySet());
        }
        state.forEach((name, given) -> {
            Signature wanted = Objects.requireNonNull(own.get(name)).signature();
            if (!given.signature().equals(wanted)) {
                throw new IllegalArgumentException(
                        "optimizer: state " + name + " must be " + wanted + ", not " + given.signature());
            }
        });
        Autograd.noGrad(() -> {
            for (Entry e : entries) {
                for (int i = 0; i < e.states.length; i++) {
                    e.states[i].copyFrom(Objects.requireNonNull(state.get(stateNames.get(i) + "." + e.name)));
                }
                e.steps = (long) Objects.requireNonNull(state.get("step." + e.name)).item();
            }
        });
    }
}
