package dev.gatun.kernels.codegen;

import java.nio.ByteOrder;

/// Scalar functions for the rare lanes that a vector formula does not reach, called by generated code as
/// `static void name(long[] lanes, int at, int half)`: the floats of x are in `half` longs from `at` on, two in each,
/// those of y in as many behind them; results replace x.
public enum Fallback {
    /// Sine of an argument too large for a three-part reduction.
    SIN,
    /// Cosine likewise.
    COS,
    /// Remainder with a quotient of more than 22 bits.
    REMAINDER,
    /// Power with a special operand.
    POW;

    /// Longs that generated loops may use behind the offsets of their operands: two vectors of 512 bits.
    public static final int ROOM = 16;

    private static final boolean LOW_FIRST = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private static float get(long[] lanes, int at, int i) {
        long two = lanes[at + (i >> 1)];
        return Float.intBitsToFloat((int) ((i & 1) == 0 == LOW_FIRST ? two : two >>> 32));
    }

    private static void set(long[] lanes, int at, int i, float value) {
        int word = at + (i >> 1);
        int shift = (i & 1) == 0 == LOW_FIRST ? 0 : 32;
        long others = lanes[word] & ~(0xFFFFFFFFL << shift);
        lanes[word] = others | (Float.floatToRawIntBits(value) & 0xFFFFFFFFL) << shift;
    }

    /// Sine per lane.
    public static void sin(long[] lanes, int at, int half) {
        for (int i = 0; i < 2 * half; i++) {
            set(lanes, at, i, (float) Math.sin(get(lanes, at, i)));
        }
    }

    /// Cosine per lane.
    public static void cos(long[] lanes, int at, int half) {
        for (int i = 0; i < 2 * half; i++) {
            set(lanes, at, i, (float) Math.cos(get(lanes, at, i)));
        }
    }

    /// Remainder with the sign of y per lane.
    public static void remainder(long[] lanes, int at, int half) {
        for (int i = 0; i < 2 * half; i++) {
            float y = get(lanes, at + half, i);
            float r = get(lanes, at, i) % y;
            set(lanes, at, i, r != 0 && (r < 0) != (y < 0) ? r + y : r);
        }
    }

    /// Power per lane.
    public static void pow(long[] lanes, int at, int half) {
        for (int i = 0; i < 2 * half; i++) {
            set(lanes, at, i, (float) Math.pow(get(lanes, at, i), get(lanes, at + half, i)));
        }
    }
}
