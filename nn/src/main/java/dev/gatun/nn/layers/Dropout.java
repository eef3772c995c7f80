package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;

/// In training, sets each element to 0 with probability p and multiplies the others by `1/(1 − p)`; in evaluation, the
/// tensor itself (Srivastava and others, 2014).
public final class Dropout extends Module {
    private final double p;
    private Generator generator;

    /// Masks come from a generator split off `generator`.
    public Dropout(double p, Generator generator) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: the probability must be between 0 and 1: " + p);
        }
        this.p = p;
        this.generator = generator.split();
    }

    @Override
    protected Tensor compute(Tensor x) {
        if (!isTraining() || p == 0) {
            return x;
        }
        double scale = p == 1 ? 0 : 1 / (1 - p);
        return x.mul(Autograd.noGrad(() -> generator.bernoulli(x.dtype(), x.shape(), 1 - p, scale)));
    }

    /// Where the sequence of masks is, for a checkpoint.
    public Generator.State state() {
        return generator.state();
    }

    /// Goes on where [#state] was taken.
    public void restore(Generator.State state) {
        generator = Generator.of(state);
    }

    @Override
    protected String describe() {
        return "p=" + p;
    }
}
