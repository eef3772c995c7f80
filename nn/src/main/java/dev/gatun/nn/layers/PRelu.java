package dev.gatun.nn.layers;

import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.nn.Module;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.Typing;
import java.util.List;

/// `x` for x > 0, else `weight·x`, with a trained weight for all channels (dim 1) together or for each (He and others,
/// 2015). `weight` is `[1]` or `[channels]`.
public final class PRelu extends Module {
    private static final Expr X = Expr.input(0);
    private static final Expr A = Expr.input(1);
    private static final Expr GRADIENT = Expr.input(3);
    private static final Expr ABOVE = X.apply(BinaryFunction.GT, Expr.constant(0));
    private static final Pointwise OP = new Pointwise("prelu", 2, Expr.select(ABOVE, X, A.times(X)),
            List.of(Expr.select(ABOVE, GRADIENT, GRADIENT.times(A)),
                    Expr.select(ABOVE, Expr.constant(0), GRADIENT.times(X))),
            Typing.PROMOTED);

    private final Tensor weight;

    /// One weight, or one per channel; 0.25 at first.
    public PRelu(int channels) {
        weight = parameter("weight", Tensor.full(dev.gatun.kernels.DType.F32, dev.gatun.ops.Shape.of(channels), 0.25));
    }

    @Override
    protected Tensor compute(Tensor x) {
        int n = weight.size(0);
        if (n == 1) {
            return Tensor.applyOne(OP, x, weight);
        }
        if (x.rank() < 2 || x.size(1) != n) {
            throw new IllegalArgumentException(
                    "prelu: dim 1 of the input must have one channel per weight: " + x.shape() + " for " + n);
        }
        int[] dims = new int[x.rank() - 1];
        java.util.Arrays.fill(dims, 1);
        dims[0] = n;
        return Tensor.applyOne(OP, x, weight.reshape(dims));
    }
}
