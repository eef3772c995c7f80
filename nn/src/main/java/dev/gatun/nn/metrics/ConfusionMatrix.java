package dev.gatun.nn.metrics;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/// Counts of (true class, answered class), and the scores that come from them. Not thread-safe.
///
/// A score whose denominator is 0 (the precision of a class never answered) is 0.
public final class ConfusionMatrix {
    /// How scores of single classes become one.
    public enum Average {
        /// From the sums of all counts: every sample weighs the same.
        MICRO,
        /// The mean of the classes: every class weighs the same.
        MACRO,
        /// The mean of the classes weighted by their true samples.
        WEIGHTED
    }

    private final int classes;
    private final long[] counts;

    /// An empty matrix for classes 0 … `classes` − 1.
    public ConfusionMatrix(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("confusion: at least one class is needed: " + classes);
        }
        this.classes = classes;
        this.counts = new long[Math.multiplyExact(classes, classes)];
    }

    /// Counts one answer. Throws IndexOutOfBoundsException when a class is outside 0 … classes − 1.
    public void add(int truth, int answer) {
        if (truth < 0 || truth >= classes || answer < 0 || answer >= classes) {
            throw new IndexOutOfBoundsException(
                    "confusion: truth " + truth + " or answer " + answer + " is outside 0 … " + (classes - 1));
        }
        counts[truth * classes + answer]++;
    }

    /// Number of classes.
    public int classes() {
        return classes;
    }

    /// How often `truth` was answered with `answer`.
    public long count(int truth, int answer) {
        return counts[truth * classes + answer];
    }

    /// All answers.
    public long total() {
        long sum = 0;
        for (long c : counts) {
            sum += c;
        }
        return sum;
    }

    /// Samples of class `c`.
    public long support(int c) {
        long sum = 0;
        for (int a = 0; a < classes; a++) {
            sum += count(c, a);
        }
        return sum;
    }

    /// Answers of class `c`.
    public long answered(int c) {
        long sum = 0;
        for (int t = 0; t < classes; t++) {
            sum += count(t, c);
        }
        return sum;
    }

    /// Right answers.
    public long correct() {
        long sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += count(c, c);
        }
        return sum;
    }

    /// Right answers over all answers.
    public double accuracy() {
        return ratio(correct(), total());
    }

    /// Of those answered `c`, how many are.
    public double precision(int c) {
        return ratio(count(c, c), answered(c));
    }

    /// Of those that are `c`, how many were answered so.
    public double recall(int c) {
        return ratio(count(c, c), support(c));
    }

    /// Harmonic mean of precision and recall of `c`: 2·tp / (support + answered).
    public double f1(int c) {
        return ratio(2 * count(c, c), support(c) + answered(c));
    }

    /// Of those that are not `c`, how many were not answered so.
    public double specificity(int c) {
        long negatives = total() - support(c);
        return ratio(negatives - (answered(c) - count(c, c)), negatives);
    }

    /// Precision over all classes.
    public double precision(Average average) {
        return average(average, this::precision);
    }

    /// Recall over all classes.
    public double recall(Average average) {
        return average(average, this::recall);
    }

    /// F1 over all classes.
    public double f1(Average average) {
        return average(average, this::f1);
    }

    /// With one label per sample, micro precision, recall and F1 are all the accuracy.
    private double average(Average average, IntToDoubleFunction score) {
        double sum = 0;
        return switch (average) {
            case MICRO -> accuracy();
            case MACRO -> {
                for (int c = 0; c < classes; c++) {
                    sum += score.applyAsDouble(c);
                }
                yield sum / classes;
            }
            case WEIGHTED -> {
                for (int c = 0; c < classes; c++) {
                    sum += score.applyAsDouble(c) * support(c);
                }
                yield total() == 0 ? 0 : sum / total();
            }
        };
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /// A table: rows are true classes, columns answers, a dot for zero, precision and recall at the edges.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("true\\answer");
        for (int a = 0; a < classes; a++) {
            out.append(String.format(Locale.ROOT, "%6d", a));
        }
        out.append("   recall\n");
        for (int t = 0; t < classes; t++) {
            out.append(String.format(Locale.ROOT, "%11d", t));
            for (int a = 0; a < classes; a++) {
                out.append(count(t, a) == 0 ? "     ·" : String.format(Locale.ROOT, "%6d", count(t, a)));
            }
            out.append(String.format(Locale.ROOT, "%8.1f%%%n", 100 * recall(t)));
        }
        out.append(" precision ");
        for (int a = 0; a < classes; a++) {
            out.append(String.format(Locale.ROOT, "%5.0f%%", 100 * precision(a)));
        }
        return out.append('\n').toString();
    }
}
