package dev.gatun.nn.optim;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.Map;

/// Stochastic gradient descent: `g ← g + decay·p`, `b ← momentum·b + (1 − dampening)·g` (the first time `b ← g`),
/// `p ← p − rate·b`, or with Nesterov `p ← p − rate·(g + momentum·b)`.
public final class Sgd extends Optimizer {
    private final Options options;

    /// Settings; `momentum` 0 needs no state. Nesterov needs momentum and no dampening.
    public record Options(double momentum, double dampening, boolean nesterov) {
        /// Plain gradient descent.
        public static final Options PLAIN = new Options(0, 0, false);

        /// Checks the ranges.
        public Options {
            if (!(momentum >= 0) || (nesterov && (momentum == 0 || dampening != 0))) {
                throw new IllegalArgumentException("sgd: momentum must not be negative, and Nesterov needs momentum and"
                        + " no dampening: momentum " + momentum + ", dampening " + dampening);
            }
        }
    }

    /// For parameter groups.
    public Sgd(List<ParameterGroup> groups, double learningRate, Options options) {
        super(groups, learningRate, options.momentum() == 0 ? List.of() : List.of("momentum"));
        this.options = options;
        prepare(options.momentum() == 0 ? 1 : 2);
    }

    /// For all `parameters` alike, with momentum.
    public Sgd(Map<String, Tensor> parameters, double learningRate, double momentum) {
        this(List.of(new ParameterGroup(parameters, 1, 0)), learningRate, new Options(momentum, 0, false));
    }

    @Override
    List<Expr> update(ParameterGroup group) {
        Expr g = group.weightDecay() == 0 ? GRADIENT : GRADIENT.plus(PARAMETER.times(group.weightDecay()));
        if (options.momentum() == 0) {
            return List.of(PARAMETER.minus(scalar(0).times(g)));
        }
        Expr b = state(0).times(options.momentum()).plus(scalar(1).times(g));
        Expr direction = options.nesterov() ? g.plus(b.times(options.momentum())) : b;
        return List.of(PARAMETER.minus(scalar(0).times(direction)), b);
    }

    @Override
    double[] scalars(ParameterGroup group, double rate, long t) {
        if (options.momentum() == 0) {
            return new double[] {rate};
        }
        return new double[] {rate, t == 1 ? 1 : 1 - options.dampening()};
    }
}
