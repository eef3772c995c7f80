package dev.gatun.nn.optim;

import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.Map;

/// Adam (Kingma and Ba, ICLR 2015): `m ← β₁m + (1 − β₁)g`, `v ← β₂v + (1 − β₂)g²`,
/// `p ← p − rate/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)`. Weight decay is added to the gradient, or, when decoupled
/// (AdamW: Loshchilov and Hutter, ICLR 2019), shrinks the parameter first: `p ← p·(1 − rate·decay)`. AMSGrad (Reddi and
/// others, ICLR 2018) divides by the largest v so far.
public final class Adam extends Optimizer {
    private final Options options;

    /// Settings.
    public record Options(double beta1, double beta2, double epsilon, boolean decoupledDecay, boolean amsgrad) {
        /// β₁ 0.9, β₂ 0.999, ε 1e−8, decay added to the gradient.
        public static final Options ADAM = new Options(0.9, 0.999, 1e-8, false, false);

        /// As [#ADAM] with decoupled decay.
        public static final Options ADAMW = new Options(0.9, 0.999, 1e-8, true, false);

        /// Checks the ranges.
        public Options {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon >= 0)) {
                throw new IllegalArgumentException("adam: betas must be in [0, 1) and epsilon not negative: " + beta1
                        + ", " + beta2 + ", " + epsilon);
            }
        }
    }

    /// For parameter groups.
    public Adam(List<ParameterGroup> groups, double learningRate, Options options) {
        super(groups, learningRate, options.amsgrad() ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                : List.of("exp_avg", "exp_avg_sq"));
        this.options = options;
        prepare(3);
    }

    /// Adam for all `parameters` alike, without decay.
    public static Adam of(Map<String, Tensor> parameters, double learningRate) {
        return new Adam(List.of(new ParameterGroup(parameters, 1, 0)), learningRate, Options.ADAM);
    }

    /// AdamW for all `parameters` alike.
    public static Adam adamW(Map<String, Tensor> parameters, double learningRate, double weightDecay) {
        return new Adam(List.of(new ParameterGroup(parameters, 1, weightDecay)), learningRate, Options.ADAMW);
    }

    @Override
    List<Expr> update(ParameterGroup group) {
        boolean coupled = !options.decoupledDecay() && group.weightDecay() != 0;
        Expr g = coupled ? GRADIENT.plus(PARAMETER.times(group.weightDecay())) : GRADIENT;
        Expr m = state(0).times(options.beta1()).plus(g.times(1 - options.beta1()));
        Expr v = state(1).times(options.beta2()).plus(g.times(g).times(1 - options.beta2()));
        Expr most = options.amsgrad() ? state(2).max(v) : v;
        Expr spread = most.apply(UnaryFunction.SQRT).over(scalar(1)).plus(options.epsilon());
        boolean shrinks = options.decoupledDecay() && group.weightDecay() != 0;
        Expr start = shrinks ? PARAMETER.times(scalar(2)) : PARAMETER;
        Expr p = start.minus(scalar(0).times(m.over(spread)));
        return options.amsgrad() ? List.of(p, m, v, most) : List.of(p, m, v);
    }

    @Override
    double[] scalars(ParameterGroup group, double rate, long t) {
        return new double[] {rate / (1 - Math.pow(options.beta1(), t)), Math.sqrt(1 - Math.pow(options.beta2(), t)),
            1 - rate * group.weightDecay()};
    }
}
