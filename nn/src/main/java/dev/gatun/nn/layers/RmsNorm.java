package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// RMS norm over the last dims (Zhang and Sennrich, 2019): `y = x/√(mean(x²) + eps)·weight`. Parameter `weight` (ones) of
/// the normalised shape.
public final class RmsNorm extends Module {
    /// The distance from 1 to the next float, PyTorch's default.
    public static final double EPS = Math.ulp(1f);

    private final int[] shape;
    private final double eps;
    private final @Nullable Tensor weight;

    /// Over the last dims, which have these sizes; eps [#EPS], with a weight.
    public RmsNorm(int... normalizedShape) {
        this(normalizedShape, EPS, true);
    }

    /// `affine` for a weight.
    public RmsNorm(int[] normalizedShape, double eps, boolean affine) {
        if (normalizedShape.length == 0 || Arrays.stream(normalizedShape).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "rmsNorm: the normalised shape needs sizes of at least 1: " + Arrays.toString(normalizedShape));
        }
        this.shape = normalizedShape.clone();
        this.eps = eps;
        weight = affine ? parameter("weight", Tensor.ones(shape)) : null;
    }

    @Override
    protected Tensor compute(Tensor x) {
        RowShapes.check("rmsNorm", x, shape);
        return weight == null ? x.rmsNorm(shape.length, eps) : x.rmsNorm(weight, eps);
    }

    @Override
    protected String describe() {
        return Arrays.toString(shape) + ", eps=" + eps + ", affine=" + (weight != null);
    }
}
