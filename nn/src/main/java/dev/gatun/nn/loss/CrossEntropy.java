package dev.gatun.nn.loss;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// Cross entropy against class indices. Of logits `[n, classes, …]` and labels I64 `[n, …]`: the loss of an element is
/// `−w[label]·log softmax(logits)[label]`; elements whose label is `ignoreIndex` count nothing, whatever that number is,
/// and every other label must be a class. The mean divides by the sum of the weights counted, and is NaN when all are
/// ignored. Smoothing s moves the share s of each label evenly to all classes.
///
/// A value: the `with…` methods return changed copies.
///
/// @param weights one F32 weight per class, or null for 1
/// @param ignoreIndex the label that counts nothing
/// @param smoothing between 0 and 1
/// @param reduction mean, sum or one loss per element
public record CrossEntropy(@Nullable Tensor weights, long ignoreIndex, double smoothing, Reduction reduction)
        implements
            Loss {
    /// No weights, −100 ignored, no smoothing, mean.
    public static final CrossEntropy DEFAULT = new CrossEntropy(null, -100, 0, Reduction.MEAN);

    /// Checks the range of the smoothing.
    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("crossEntropy: smoothing must be between 0 and 1: " + smoothing);
        }
    }

    /// One weight per class.
    public CrossEntropy withWeights(Tensor perClass) {
        return new CrossEntropy(perClass, ignoreIndex, smoothing, reduction);
    }

    /// Elements with this label count nothing.
    public CrossEntropy withIgnoreIndex(long label) {
        return new CrossEntropy(weights, label, smoothing, reduction);
    }

    /// Moves the share `amount` of each label to all classes.
    public CrossEntropy withSmoothing(double amount) {
        return new CrossEntropy(weights, ignoreIndex, amount, reduction);
    }

    /// Sum, mean or neither.
    public CrossEntropy withReduction(Reduction other) {
        return new CrossEntropy(weights, ignoreIndex, smoothing, other);
    }

    /// The loss of logits.
    @Override
    public Tensor apply(Tensor logits, Tensor labels) {
        check("crossEntropy", logits, labels);
        return nll(logits.logSoftmax(1), labels);
    }

    /// The loss of log-probabilities.
    public Tensor nll(Tensor logProbabilities, Tensor labels) {
        check("nll", logProbabilities, labels);
        Tensor counted = labels.ne(ignoreIndex);
        Tensor safe = labels.mul(counted.to(labels.dtype()));
        Tensor picked = logProbabilities.gather(1, safe.unsqueeze(1)).squeeze(1);
        Tensor weight = counted.to(logProbabilities.dtype());
        if (weights != null) {
            weight = weight.mul(weights.to(logProbabilities.dtype()).indexSelect(0, safe.reshape(-1))
                    .reshape(safe.shape().dims()));
        }
        // −∞ · 0 would be NaN, so what does not count is taken out before it is multiplied.
        Tensor losses = counted(counted, picked).mul(weight).neg();
        if (smoothing > 0) {
            losses = losses.mul(1 - smoothing).add(spread(logProbabilities, counted));
        }
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.sum().div(weight.sum());
        };
    }

    private static Tensor counted(Tensor counted, Tensor losses) {
        return Tensor.where(counted, losses, Tensor.zerosLike(losses));
    }

    private Tensor spread(Tensor logProbabilities, Tensor counted) {
        Tensor all = logProbabilities;
        int classes = all.size(1);
        if (weights != null) {
            int[] dims = new int[all.rank() - 1];
            java.util.Arrays.fill(dims, 1);
            dims[0] = classes;
            all = all.mul(weights.to(all.dtype()).reshape(dims));
        }
        return counted(counted, all.sum(1)).mul(-smoothing / classes);
    }

    private void check(String op, Tensor x, Tensor labels) {
        int[] expected = x.shape().dims();
        if (labels.dtype() != DType.I64 && labels.dtype() != DType.I32) {
            throw new IllegalArgumentException(
                    op + ": labels must be class indices of type I64 or I32: " + labels.signature());
        }
        if (x.rank() < 2 || labels.rank() != x.rank() - 1) {
            throw new IllegalArgumentException(op + ": needs outputs [n, classes, ...] and labels [n, ...]: "
                    + x.signature() + " and " + labels.signature());
        }
        for (int i = 0; i < labels.rank(); i++) {
            if (labels.size(i) != expected[i == 0 ? 0 : i + 1]) {
                throw new IllegalArgumentException(op + ": needs outputs [n, classes, ...] and labels [n, ...]: "
                        + x.signature() + " and " + labels.signature());
            }
        }
        if (weights != null && weights.count() != x.size(1)) {
            throw new IllegalArgumentException(op + ": needs one weight per class: " + weights.shape() + " for "
                    + x.size(1) + " classes");
        }
    }
}
