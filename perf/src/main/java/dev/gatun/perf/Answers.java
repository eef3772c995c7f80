package dev.gatun.perf;

/// Compares what two sides computed from the same numbers.
final class Answers {
    /// Of the largest number in the answer. Sides add in different orders and through tens of layers; a wrong weight or
    /// a shifted pixel is off by far more.
    private static final double TOLERANCE = 1e-3;

    private Answers() {}

    /// What is wrong with `actual`, or nothing.
    static String difference(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            return actual.length + " numbers instead of " + expected.length;
        }
        double largest = 0;
        for (float v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest)) {
                return "number " + i + " is " + actual[i] + " in Gatun and " + expected[i]
                        + " in the peer, the largest "
                        + largest;
            }
        }
        return "";
    }
}
