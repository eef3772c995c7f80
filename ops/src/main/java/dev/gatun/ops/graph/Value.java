package dev.gatun.ops.graph;

import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// What flows along an edge of a [Graph]: an input, the result of a step, or a constant. Compared by identity.
public final class Value {
    private final Signature signature;
    private final @Nullable Tensor constant;

    private Value(Signature signature, @Nullable Tensor constant) {
        this.signature = signature;
        this.constant = constant;
    }

    /// A value that is known when the graph runs.
    public static Value of(Signature signature) {
        return new Value(signature, null);
    }

    /// A value that is known now. The tensor must stay open, and unchanged, as long as the graph is used.
    public static Value constant(Tensor tensor) {
        return new Value(tensor.signature(), tensor);
    }

    /// Element type and shape.
    public Signature signature() {
        return signature;
    }

    /// True when the numbers are known.
    public boolean isConstant() {
        return constant != null;
    }

    /// The numbers of a constant; throws [IllegalStateException] for any other value.
    public Tensor tensor() {
        Tensor tensor = constant;
        if (tensor == null) {
            throw new IllegalStateException("graph: the value " + signature + " is not a constant");
        }
        return tensor;
    }

    @Override
    public String toString() {
        return (isConstant() ? "constant " : "") + signature;
    }
}
