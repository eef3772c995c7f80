package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Broadcasts to a larger shape by repeating elements in place (stride 0).
///
/// @param shape shape of the result
public record Expand(Shape shape) implements ViewOp {
    @Override
    public String name() {
        return "expand";
    }

    @Override
    public Signature infer(Signature in) {
        if (!in.shape().broadcastsTo(shape)) {
            throw new IllegalArgumentException("expand: the shape does not broadcast: " + in.shape() + " to " + shape);
        }
        return in.with(shape);
    }

    @Override
    public View apply(View in) {
        return in.expand(shape.dims());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        return Backward.only(Gradients.sumTo(context.gradient(), context.inputSignature(0)));
    }
}
