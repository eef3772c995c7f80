package dev.gatun.ops;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the backward of an operation sees: its saved operands, the gradients of its outputs, and which inputs want one.
public final class Backward {
    private final Node node;
    private final @Nullable Tensor[] gradients;
    private final Engine engine;

    Backward(Node node, @Nullable Tensor[] gradients, Engine engine) {
        this.node = node;
        this.gradients = gradients;
        this.engine = engine;
    }

    /// Number of inputs.
    public int inputs() {
        return node.inputs.size();
    }

    /// True when input `index` wants a gradient.
    public boolean needs(int index) {
        return node.source(index) != null;
    }

    /// Input `index`, when [Op#savesInput] says so.
    public Tensor input(int index) {
        return node.savedInput(index);
    }

    /// Output `index`, when [Op#savesOutput] says so.
    public Tensor output(int index) {
        return node.savedOutput(index);
    }

    /// Type and shape of input `index`, always known.
    public Signature inputSignature(int index) {
        return node.inputs.get(index);
    }

    /// Type and shape of output `index`, always known.
    public Signature outputSignature(int index) {
        return node.outputs.get(index);
    }

    /// True when somebody used output `index`.
    public boolean hasGradient(int index) {
        return gradients[index] != null;
    }

    /// Gradient of output `index`; zeros when nobody used it.
    public Tensor gradient(int index) {
        Tensor gradient = gradients[index];
        if (gradient == null) {
            Signature s = node.outputs.get(index);
            gradient = engine.call(() -> Tensor.zeros(s.dtype(), s.shape()));
            gradients[index] = gradient;
        }
        return gradient;
    }

    /// Gradient of the only output.
    public Tensor gradient() {
        return gradient(0);
    }

    /// The gradients of all inputs of a one-input operation.
    public static List<@Nullable Tensor> only(Tensor gradient) {
        return Collections.singletonList(gradient);
    }
}
