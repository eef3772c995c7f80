package dev.gatun.nn.metrics;

/// The largest scores of a row.
public final class TopK {
    private TopK() {}

    /// The index of the largest score; the first of several; the first NaN when there is one.
    public static int argmax(float[] scores, int from, int to) {
        int best = from;
        for (int i = from + 1; i < to && !Float.isNaN(scores[best]); i++) {
            if (scores[i] > scores[best] || Float.isNaN(scores[i])) {
                best = i;
            }
        }
        return best - from;
    }

    /// Whether fewer than `k` scores of `scores[from … to)` beat that of `label` (ties go to the lower index).
    public static boolean contains(float[] scores, int from, int to, int label, int k) {
        if (k < 1 || label < 0 || label >= to - from) {
            throw new IllegalArgumentException(
                    "topK: k must be at least 1 and the label inside 0 … " + (to - from - 1) + ": k " + k + ", label "
                            + label);
        }
        float own = scores[from + label];
        int better = 0;
        for (int i = from; i < to; i++) {
            if (scores[i] > own || (scores[i] == own && i - from < label) || Float.isNaN(own)) {
                better++;
            }
        }
        return better < k;
    }
}
