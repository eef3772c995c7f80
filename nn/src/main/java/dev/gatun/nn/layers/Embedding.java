package dev.gatun.nn.layers;

import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;

/// A table of vectors: indices (I64 or I32) of any shape give `[…, dim]`. Parameter `weight` `[num, dim]`, standard normal
/// at first. An index out of range throws [IndexOutOfBoundsException].
///
/// With a padding index that row begins as zeros and gets no gradient. With a largest norm, rows that are looked up and
/// longer are first shortened to it: in training in the table itself, in evaluation on the way.
public final class Embedding extends Module {
    private final int padding;
    private final double maxNorm;
    private final Tensor weight;

    /// Without padding index and largest norm.
    public Embedding(int num, int dim, Generator generator) {
        this(num, dim, -1, Double.POSITIVE_INFINITY, generator);
    }

    /// With a padding index (−1 for none) and a largest norm (infinity for none).
    public Embedding(int num, int dim, int padding, double maxNorm, Generator generator) {
        if (num < 1 || dim < 1 || padding < -1 || padding >= num || !(maxNorm > 0)) {
            throw new IllegalArgumentException("embedding: needs num ≥ 1, dim ≥ 1, padding index in −1 … num − 1, max"
                    + " norm > 0: num " + num + ", dim " + dim + ", padding " + padding + ", max norm " + maxNorm);
        }
        this.padding = padding;
        this.maxNorm = maxNorm;
        weight = parameter("weight", Init.normal(0, 1).make(generator, num, dim));
        if (padding >= 0) {
            Autograd.noGrad(() -> weight.narrow(0, padding, 1).fillInPlace(0));
        }
    }

    @Override
    protected Tensor compute(Tensor indices) {
        if (maxNorm == Double.POSITIVE_INFINITY) {
            return weight.embedding(indices, padding);
        }
        if (!isTraining()) {
            Tensor rows = weight.embedding(indices, padding);
            return rows.mul(factors(rows));
        }
        shorten(indices);
        return weight.embedding(indices, padding);
    }

    /// 1, or what shortens a row to the largest norm.
    private Tensor factors(Tensor rows) {
        Tensor norms = rows.norm(2, new int[] {rows.rank() - 1}, true);
        return rows.engine().call(() -> Tensor.where(norms.gt(maxNorm), norms.add(1e-7).reciprocal().mul(maxNorm),
                Tensor.ones(rows.dtype(), Shape.SCALAR)));
    }

    private void shorten(Tensor indices) {
        Autograd.noGrad(() -> {
            long[] rows = java.util.Arrays.stream(indices.toLongs()).distinct().toArray();
            weight.embedding(indices, -1).close();
            Tensor index = weight.engine().call(() -> Tensor.of(rows, rows.length));
            Tensor old = weight.indexSelect(0, index);
            for (int i = 0; i < rows.length; i++) {
                double norm = old.select(0, i).norm(2, new int[] {0}, false).item();
                if (norm > maxNorm) {
                    weight.narrow(0, (int) rows[i], 1).mulInPlace(maxNorm / (norm + 1e-7));
                }
            }
        });
    }

    @Override
    protected String describe() {
        return "num=" + weight.size(0) + ", dim=" + weight.size(1) + (padding >= 0 ? ", padding=" + padding : "")
                + (maxNorm < Double.POSITIVE_INFINITY ? ", maxNorm=" + maxNorm : "");
    }
}
