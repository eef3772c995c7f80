package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;

/// How far a fast result may be from the reference.
sealed interface Tolerance {
    /// The same bits (all NaN are one).
    record Exact() implements Tolerance {
    }

    /// Units in the last place of the reference's value.
    record Ulp(double units) implements Tolerance {
    }

    /// `4·√k·eps·Σ|terms|`: the sums of magnitudes are the reference on absolute operands.
    record Terms(int k) implements Tolerance {
    }

    /// `c·eps` times the largest magnitude in the output.
    record OfLargest(double c) implements Tolerance {
    }

    Tolerance EXACT = new Exact();

    static Tolerance ulp(double units) {
        return new Ulp(units);
    }

    static Tolerance terms(int k) {
        return new Terms(k);
    }

    static Tolerance ofLargest(double c) {
        return new OfLargest(c);
    }

    static double eps(DType dtype) {
        return dtype == DType.F64 ? 0x1p-52 : 0x1p-23;
    }

    /// The room at one element. `magnitude` is the sum of absolute terms there, `largest` the largest finite magnitude.
    default double room(DType dtype, double reference, double magnitude, double largest) {
        return switch (this) {
            case Exact _ -> 0;
            case Ulp(double units) -> units * (dtype == DType.F64 ? Math.ulp(reference) : Math.ulp((float) reference));
            case Terms(int k) -> 4 * Math.sqrt(Math.max(k, 1)) * eps(dtype) * magnitude + tiny(dtype);
            case OfLargest(double c) -> c * eps(dtype) * largest + tiny(dtype);
        };
    }

    private static double tiny(DType dtype) {
        return dtype == DType.F64 ? Double.MIN_VALUE : Float.MIN_VALUE;
    }
}
