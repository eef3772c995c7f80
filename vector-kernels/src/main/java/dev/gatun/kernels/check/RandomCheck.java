package dev.gatun.kernels.check;

import static dev.gatun.kernels.check.Operands.shape;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;

/// Operands of random numbers.
public final class RandomCheck {
    private RandomCheck() {}

    /// A finite range that is not empty.
    public static void uniform(View out, double low, double high) {
        Operands.floating("uniform", out);
        Operands.writable("uniform", out);
        if (!(low < high) || !Double.isFinite(high - low)) {
            throw new IllegalArgumentException("uniform: low must be under high, both finite: " + low + ", " + high);
        }
    }

    /// A finite mean, a finite deviation of at least 0.
    public static void normal(View out, double mean, double deviation) {
        Operands.floating("normal", out);
        Operands.writable("normal", out);
        if (!Double.isFinite(mean) || !(deviation >= 0) || !Double.isFinite(deviation)) {
            throw new IllegalArgumentException("normal: the mean must be finite and the deviation finite and at least"
                    + " 0: " + mean + ", " + deviation);
        }
    }

    /// A probability.
    public static void bernoulli(View out, double p) {
        Operands.writable("bernoulli", out);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("bernoulli: the probability must be in 0 … 1: " + p);
        }
    }

    /// A range that is not empty and fits the element type.
    public static void integers(View out, long low, long high) {
        DType type = out.dtype();
        if (type != DType.I64 && type != DType.I32 && type != DType.U8) {
            throw new IllegalArgumentException(
                    "integers: the element type must be I64, I32 or U8: " + type + shape(out));
        }
        Operands.writable("integers", out);
        if (low >= high) {
            throw new IllegalArgumentException("integers: low must be under high: " + low + ", " + high);
        }
        boolean fits = switch (type) {
            case I32 -> low >= Integer.MIN_VALUE && high - 1 <= Integer.MAX_VALUE;
            case U8 -> low >= 0 && high <= 256;
            case I64, F32, F64, BOOL -> true;
        };
        if (!fits) {
            throw new IllegalArgumentException(
                    "integers: the range does not fit " + type + ": " + low + " … " + (high - 1));
        }
    }
}
