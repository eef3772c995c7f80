package dev.gatun.nn.data;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A finite list of samples, each an input and a target of fixed type and shape. Reading must be thread-safe: the
/// loader's worker reads while the training thread does.
public interface Dataset {
    /// Types and shapes of one sample, without the batch dim. A class label is an I64 of shape `[]`.
    record Layout(DType inputType, int[] inputDims, DType targetType, int[] targetDims) {
        /// Bytes of one input.
        public long inputBytes() {
            return (long) View.count(inputDims) * inputType.bytes();
        }

        /// Bytes of one target.
        public long targetBytes() {
            return (long) View.count(targetDims) * targetType.bytes();
        }
    }

    /// Number of samples.
    int size();

    /// Types and shapes, the same for every sample.
    Layout layout();

    /// Writes sample `index`, row-major: its input to byte `inputAt` of `input`, its target to byte `targetAt` of
    /// `target`. Throws IndexOutOfBoundsException outside `0 … size − 1`.
    void read(int index, MemorySegment input, long inputAt, MemorySegment target, long targetAt);

    /// The samples at `indices`, in that order; nothing is copied.
    default Dataset subset(int... indices) {
        return new Subset(this, indices.clone());
    }

    /// Splits by a seeded permutation into parts of about `fractions` of the samples (which add up to 1): part i ends at
    /// sample `round(size · Σ fractions up to i)` of the permutation, so that no sample is lost or doubled.
    default Dataset[] randomSplit(long seed, double... fractions) {
        if (Math.abs(Arrays.stream(fractions).sum() - 1) > 1e-9 || Arrays.stream(fractions).anyMatch(f -> f < 0)) {
            throw new IllegalArgumentException(
                    "randomSplit: fractions must be at least 0 and add up to 1: " + Arrays.toString(fractions));
        }
        int[] order = Permutation.of(size(), seed, 0);
        Dataset[] parts = new Dataset[fractions.length];
        double sum = 0;
        int from = 0;
        for (int i = 0; i < parts.length; i++) {
            sum += fractions[i];
            int to = i == parts.length - 1 ? order.length : (int) Math.round(sum * order.length);
            parts[i] = subset(Arrays.copyOfRange(order, from, to));
            from = to;
        }
        return parts;
    }
}
