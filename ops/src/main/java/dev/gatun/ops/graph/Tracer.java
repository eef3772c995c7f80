package dev.gatun.ops.graph;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Eager;
import dev.gatun.ops.Op;
import dev.gatun.ops.OpListener;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Runs tensor code once and writes down what it does to its inputs. Operations on tensors that do not depend on the
/// inputs are not written down: their results are constants. What depends on them is not computed, shapes are all that
/// is needed; unless the code reads such a number, then it is run again and everything computed. Control flow is
/// followed once, with the numbers of the sample: code that decides by the values of the inputs is not traced
/// faithfully, and cannot be.
public final class Tracer implements OpListener {
    private final Map<Tensor, Value> values = new IdentityHashMap<>();
    private final List<Step> steps = new ArrayList<>();

    private final List<Tensor> samples;
    private final boolean computes;

    private Tracer(List<Tensor> samples, boolean computes) {
        this.samples = samples;
        this.computes = computes;
    }

    /// Thrown through the traced code when it reads a number that was not computed.
    private static final class NumbersWanted extends RuntimeException {
        private static final long serialVersionUID = 1;

        NumbersWanted() {
            super("trace: a number of the sample is read", null, false, false);
        }
    }

    /// The graph of `function` on inputs with the signatures (and the numbers) of `samples`. Gradients are off. The
    /// constants share the memory of the tensors that the function used; they belong to the scope of the caller.
    public static Graph trace(List<Tensor> samples, UnaryOperator<List<Tensor>> function) {
        try {
            return new Tracer(samples, false).graph(function);
        } catch (NumbersWanted _) {
            return new Tracer(samples, true).graph(function);
        }
    }

    private Graph graph(UnaryOperator<List<Tensor>> function) {
        List<Value> inputs = new ArrayList<>();
        for (Tensor sample : samples) {
            Value value = Value.of(sample.signature());
            values.put(sample, value);
            inputs.add(value);
        }
        List<Tensor> results = Autograd.noGrad(() -> Eager.listen(this, () -> function.apply(List.copyOf(samples))));
        List<Value> outputs = results.stream().map(this::value).toList();
        return new Graph(inputs, steps, outputs);
    }

    /// Of a constant, a handle of our own: the traced code may close its.
    private Value value(Tensor tensor) {
        return values.computeIfAbsent(tensor, t -> Value.constant(t.detach()));
    }

    @Override
    public void ran(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        if (inputs.stream().allMatch(t -> value(t).isConstant())) {
            return;
        }
        List<Value> made = new ArrayList<>();
        for (Tensor output : outputs) {
            Value value = Value.of(output.signature());
            values.put(output, value);
            made.add(value);
        }
        steps.add(new Step(op, inputs.stream().map(this::value).toList(), made));
    }

    @Override
    public boolean defers(List<Tensor> inputs) {
        return !computes && inputs.stream().anyMatch(this::isTraced);
    }

    private boolean isTraced(Tensor tensor) {
        Value value = values.get(tensor);
        return value != null && !value.isConstant();
    }

    @Override
    public void reads(Tensor tensor) {
        boolean isSample = samples.stream().anyMatch(s -> s == tensor);
        if (!computes && !isSample && isTraced(tensor)) {
            throw new NumbersWanted();
        }
    }

    @Override
    public void aliases(Tensor tensor, Tensor alias) {
        if (isTraced(tensor)) {
            values.put(alias, values.get(tensor));
        }
    }

    @Override
    public void overwrites(Op op, Tensor target) {
        throw new IllegalStateException(op.name() + " in place: a traced function must not overwrite tensors; use the"
                + " form that makes a new tensor: " + target.signature());
    }
}
