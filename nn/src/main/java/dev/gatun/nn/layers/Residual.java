package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;

/// `y = body(x) + shortcut(x)`; the shortcut is the identity when none is given. Named `body` and `shortcut`.
public final class Residual extends Module {
    private final Module body;
    private final Module shortcut;

    /// `body(x) + x`.
    public Residual(Module body) {
        this(body, new Identity());
    }

    /// `body(x) + shortcut(x)`, for a body that changes the shape.
    public Residual(Module body, Module shortcut) {
        this.body = child("body", body);
        this.shortcut = child("shortcut", shortcut);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return body.forward(x).add(shortcut.forward(x));
    }
}
