package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Layer norm over the last dims (Ba and others, 2016): `y = (x − mean)/√(variance + eps)·weight + bias`, mean and biased
/// variance over the normalised dims. Parameters `weight` (ones) and `bias` (zeros) of the normalised shape.
public final class LayerNorm extends Module {
    private final int[] shape;
    private final double eps;
    private final @Nullable Tensor weight;
    private final @Nullable Tensor bias;

    /// Over the last dims, which have these sizes; eps 1e−5, weight and bias.
    public LayerNorm(int... normalizedShape) {
        this(normalizedShape, 1e-5, true, true);
    }

    /// `affine` for a weight; `withBias` for a bias beside it.
    public LayerNorm(int[] normalizedShape, double eps, boolean affine, boolean withBias) {
        if (normalizedShape.length == 0 || Arrays.stream(normalizedShape).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "layerNorm: the normalised shape needs sizes of at least 1: " + Arrays.toString(normalizedShape));
        }
        this.shape = normalizedShape.clone();
        this.eps = eps;
        weight = affine ? parameter("weight", Tensor.ones(shape)) : null;
        bias = affine && withBias ? parameter("bias", Tensor.zeros(shape)) : null;
    }

    @Override
    protected Tensor compute(Tensor x) {
        RowShapes.check("layerNorm", x, shape);
        if (weight == null) {
            return x.layerNorm(shape.length, eps);
        }
        return bias == null ? x.layerNorm(weight, eps) : x.layerNorm(weight, bias, eps);
    }

    @Override
    protected String describe() {
        return Arrays.toString(shape) + ", eps=" + eps + ", affine=" + (weight != null) + ", bias=" + (bias != null);
    }
}
