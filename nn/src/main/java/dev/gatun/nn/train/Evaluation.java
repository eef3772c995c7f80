package dev.gatun.nn.train;

import dev.gatun.kernels.DType;
import dev.gatun.nn.metrics.ConfusionMatrix;
import dev.gatun.nn.metrics.TopK;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// How a model did on some data: the mean loss per sample and, for class labels, the answers given.
public record Evaluation(long samples, double loss, @Nullable ConfusionMatrix confusion) {
    /// Nothing was judged.
    static Evaluation none() {
        return new Evaluation(0, Double.NaN, null);
    }

    /// Share of right answers; NaN when the targets are no class labels.
    public double accuracy() {
        return confusion == null ? Double.NaN : confusion.accuracy();
    }

    /// Adds up batches.
    static final class Counter {
        private long samples;
        private double lossSum;
        private @Nullable ConfusionMatrix confusion;

        /// A batch with mean loss `loss`, outputs `[n, classes]` and labels `[n]` (other shapes count no answers).
        void add(double loss, Tensor output, Tensor target) {
            int n = output.size(0);
            samples += n;
            lossSum += loss * n;
            if (target.dtype() == DType.I64 && target.rank() == 1 && output.rank() == 2) {
                int classes = output.size(1);
                ConfusionMatrix matrix = confusion;
                if (matrix == null) {
                    matrix = new ConfusionMatrix(classes);
                    confusion = matrix;
                }
                float[] scores = output.toFloats();
                long[] labels = target.toLongs();
                for (int i = 0; i < n; i++) {
                    if (labels[i] >= 0 && labels[i] < classes) {
                        matrix.add((int) labels[i], TopK.argmax(scores, i * classes, (i + 1) * classes));
                    }
                }
            }
        }

        double loss() {
            return lossSum / samples;
        }

        Evaluation result() {
            return new Evaluation(samples, loss(), confusion);
        }
    }
}
