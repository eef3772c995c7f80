package dev.gatun.nn.optim;

import dev.gatun.ops.Autograd;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Tensor;
import java.util.List;

/// Keeps gradients from growing too large, in place, before a step. Parameters without a gradient are skipped.
public final class Clipping {
    private Clipping() {}

    /// Scales all gradients by one factor so that their joint L2 norm is at most `limit`. Returns the norm before.
    public static double byNorm(List<Tensor> parameters, double limit) {
        checkLimit(limit);
        double squares = 0;
        for (Tensor p : parameters) {
            Tensor g = p.grad();
            if (g != null) {
                try (Scope _ = p.engine().scope()) {
                    squares += Autograd.noGrad(() -> g.mul(g).sum().item());
                }
            }
        }
        double norm = Math.sqrt(squares);
        if (norm > limit) {
            double factor = limit / (norm + 1e-6);
            each(parameters, g -> g.mulInPlace(factor));
        }
        return norm;
    }

    /// Cuts every element of every gradient to `[−limit, limit]`.
    public static void byValue(List<Tensor> parameters, double limit) {
        checkLimit(limit);
        each(parameters, g -> g.copyFrom(g.clamp(-limit, limit)));
    }

    private static void each(List<Tensor> parameters, java.util.function.Consumer<Tensor> work) {
        for (Tensor p : parameters) {
            Tensor g = p.grad();
            if (g != null) {
                try (Scope _ = p.engine().scope()) {
                    Autograd.noGrad(() -> work.accept(g));
                }
            }
        }
    }

    private static void checkLimit(double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("clip: the limit must be positive: " + limit);
        }
    }
}
