package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradients of a [RowNorm]: x, the factor of each row, the gradient of the result, the mean of each row when it is
/// `centered`, and the weight if there is one, give the gradients of x, weight and bias.
///
/// @param centered whether the rows had their mean taken away
/// @param dims how many of the last dims were normalised together
/// @param weight whether there is a weight
/// @param bias whether there is a bias
public record RowNormGradient(boolean centered, int dims, boolean weight, boolean bias) implements Op {
    @Override
    public String name() {
        return centered ? "layerNormGradient" : "rmsNormGradient";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Arity.check(name(), inputs, 3 + (centered ? 1 : 0) + (weight ? 1 : 0));
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Signature x = inputs.getFirst();
        if (!inputs.get(2).equals(x)) {
            throw new IllegalArgumentException(
                    name() + ": input and gradient differ: " + x + " and " + inputs.get(2));
        }
        List<Signature> out = new ArrayList<>(List.of(x));
        if (weight) {
            out.add(inputs.getLast());
        }
        if (bias) {
            out.add(inputs.getLast());
        }
        return out;
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View x = RowNorm.rows(in.get(0), dims);
        View scale = RowNorm.flat(in.get(1));
        View gy = RowNorm.rows(in.get(2), dims);
        View w = weight ? RowNorm.flat(in.getLast()) : null;
        View gx = RowNorm.rows(out.getFirst(), dims);
        View gweight = weight ? RowNorm.flat(out.get(1)) : null;
        if (!centered) {
            return kernels.norm().rmsNormGradient(x, w, scale, gy, gx, gweight);
        }
        View gbias = bias ? RowNorm.flat(out.get(2)) : null;
        return kernels.norm().layerNormGradient(x, w, RowNorm.flat(in.get(3)), scale, gy, gx, gweight, gbias);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        throw new UnsupportedOperationException(
                name() + ": has no gradient of its own; normalise with mean and var to differentiate twice");
    }

    @Override
    public boolean savesInput(int index) {
        return false;
    }
}
