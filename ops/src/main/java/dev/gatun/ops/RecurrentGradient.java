package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradients of [Recurrent] from x, both weights, what was kept, the gradients of the outputs and of the last state,
/// and the lengths where there are any: those of x (where wanted), of both weights, of both biases (where there are any),
/// and of the initial state. Not differentiable itself.
///
/// @param forward the forward pass
/// @param input the gradient of x is wanted
public record RecurrentGradient(Recurrent forward, boolean input) implements Op {
    @Override
    public String name() {
        return forward.name() + "Gradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 5 + forward.states() + (forward.lengths() ? 1 : 0));
        Signature x = inputs.get(0);
        Signature wi = inputs.get(1);
        Signature wh = inputs.get(2);
        Signature gy = inputs.get(4);
        RecurrentCell cell = forward.spec().cell();
        Shape outputs = Shape.of(x.shape().dim(0), x.shape().dim(1), wh.shape().dim(1));
        Shape kept = Shape.of(outputs.dim(0), outputs.dim(1), cell.keptWidth(outputs.dim(2)));
        if (!gy.shape().equals(outputs) || !inputs.get(3).shape().equals(kept)) {
            throw new IllegalArgumentException(name() + ": the gradient must be " + outputs + " and what was kept "
                    + kept + ": " + gy.shape() + " and " + inputs.get(3).shape());
        }
        List<Signature> results = new ArrayList<>();
        if (input) {
            results.add(x);
        }
        results.add(wi);
        results.add(wh);
        for (int i = 0; forward.bias() && i < 2; i++) {
            results.add(wh.with(Shape.of(wh.shape().dim(0))));
        }
        for (int i = 0; i < forward.states(); i++) {
            results.add(inputs.get(5 + i));
        }
        return results;
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        int at = input ? 1 : 0;
        RecurrentWeights gradients = forward.bias()
                ? new RecurrentWeights(out.get(at), out.get(at + 1), out.get(at + 2), out.get(at + 3))
                : RecurrentWeights.of(out.get(at), out.get(at + 1));
        // The gradients of biases do not depend on the biases: the gradients stand for them where shapes are checked.
        RecurrentWeights weights = new RecurrentWeights(
                in.get(1), in.get(2), gradients.inputBias() == null ? null : out.get(at + 2),
                gradients.hiddenBias() == null ? null : out.get(at + 3));
        int states = forward.states();
        return kernels.recurrent().backward(
                forward.spec(), weights, in.getFirst(), forward.lengths() ? in.getLast() : null, in.get(3), in.get(4),
                forward.last(in, 5), input ? out.getFirst() : null, gradients,
                forward.last(out, out.size() - states));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        throw new UnsupportedOperationException(
                name() + ": has no gradient of its own; write the cell with tensor operations to differentiate twice");
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
