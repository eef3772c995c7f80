package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.Arrays;
import java.util.List;

/// Normalisation of rows: the last `dims` dims of x (row-major) are a row. Inputs x, then a weight of a row's shape, then
/// for [LayerNorm] a bias; the result, and what the gradient needs of each row.
public sealed interface RowNorm extends Op permits LayerNorm, RmsNorm {
    /// How many of the last dims make a row.
    int dims();

    /// Names of the inputs beside x, in order.
    List<String> parameters();

    /// The shape of the outer dims: one number per row.
    default Signature perRow(Signature x) {
        int[] all = x.shape().dims();
        return x.with(new Shape(Arrays.copyOf(all, all.length - dims())));
    }

    /// Checks the operands and gives x.
    default Signature check(List<Signature> inputs) {
        if (inputs.isEmpty() || inputs.size() > 1 + parameters().size()) {
            throw new IllegalArgumentException(name() + ": takes x and up to " + parameters().size() + " of "
                    + parameters() + ": " + inputs);
        }
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Signature x = inputs.getFirst();
        int[] all = x.shape().dims();
        if (dims() < 1 || dims() > all.length) {
            throw new IllegalArgumentException(
                    name() + ": the number of normalised dims must be in 1 … rank: " + dims() + " of " + x.shape());
        }
        Shape row = new Shape(Arrays.copyOfRange(all, all.length - dims(), all.length));
        for (int i = 1; i < inputs.size(); i++) {
            if (!inputs.get(i).shape().equals(row)) {
                throw new IllegalArgumentException(name() + ": " + parameters().get(i - 1)
                        + " must have the shape of the normalised dims " + row + " of input " + x.shape() + ": "
                        + inputs.get(i).shape());
            }
        }
        return x;
    }

    /// `x` as a matrix of rows.
    static View rows(View x, int dims) {
        int n = 1;
        int m = 1;
        for (int i = 0; i < x.rank(); i++) {
            if (i < x.rank() - dims) {
                m *= x.dim(i);
            } else {
                n *= x.dim(i);
            }
        }
        return new Reshape(Shape.of(m, n)).apply(x);
    }

    /// As a vector.
    static View flat(View v) {
        return v.rank() == 1 ? v : new Reshape(Shape.of(v.count())).apply(v);
    }

    /// Refuses gradients of the numbers per row: nobody can reach them through [Layers].
    default void onlyFirst(Backward context, int outputs) {
        for (int i = 1; i < outputs; i++) {
            if (context.hasGradient(i)) {
                throw new UnsupportedOperationException(name() + ": only the normalised result has a gradient; compute"
                        + " statistics with mean and var to differentiate them");
            }
        }
    }
}
