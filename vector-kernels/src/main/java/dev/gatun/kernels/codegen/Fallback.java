package dev.gatun.kernels.codegen;

/// Scalar functions for the rare lanes that a vector formula does not reach, called by generated code as
/// `static void name(float[] x, float[] y)`: results replace x.
public enum Fallback {
    /// Sine of an argument too large for a three-part reduction.
    SIN,
    /// Cosine likewise.
    COS,
    /// Remainder with a quotient of more than 22 bits.
    REMAINDER,
    /// Power with a special operand.
    POW;

    /// Sine per lane.
    public static void sin(float[] x, float[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) StrictMath.sin(x[i]);
        }
    }

    /// Cosine per lane.
    public static void cos(float[] x, float[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) StrictMath.cos(x[i]);
        }
    }

    /// Remainder with the sign of y per lane.
    public static void remainder(float[] x, float[] y) {
        for (int i = 0; i < x.length; i++) {
            float r = x[i] % y[i];
            x[i] = r != 0 && (r < 0) != (y[i] < 0) ? r + y[i] : r;
        }
    }

    /// Power per lane.
    public static void pow(float[] x, float[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) StrictMath.pow(x[i], y[i]);
        }
    }
}
