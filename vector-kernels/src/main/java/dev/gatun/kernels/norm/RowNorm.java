package dev.gatun.kernels.norm;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// maths: `y = (x − mean)·scale·weight + bias` with mean and `scale = (Σ(x − mean)²/n + eps)^−½` of each row; RMS norm has
/// no mean.
/// layout: rows any stride apart, contiguous.
/// blocking and why: row by row, all three passes while the row is in the first-level cache; chunks of whole rows.
/// registers: see [RowLoops].
/// evidence: docs/kernels-attention.md, table of layer norm.
public final class RowNorm implements Call, Task {
    private static final int GRAIN = 16_384;

    private final Threads threads;
    private final Rows x;
    private final @Nullable Rows weight;
    private final @Nullable Rows bias;
    private final double eps;
    private final Rows y;
    private final @Nullable Rows mean;
    private final Rows scale;
    private final Split chunks;
    private MemorySegment scratch = MemorySegment.NULL;

    /// For checked F32 operands; without `mean` it is RMS norm.
    public RowNorm(
            Threads threads, View x, @Nullable View weight, @Nullable View bias, double eps, View y,
            @Nullable View mean, View scale) {
        this.threads = threads;
        this.x = Rows.matrix(x);
        this.weight = Rows.shared(weight);
        this.bias = Rows.shared(bias);
        this.eps = eps;
        this.y = Rows.matrix(y);
        this.mean = mean == null ? null : Rows.column(mean);
        this.scale = Rows.column(scale);
        chunks = new Split(x.dim(0), Math.max(1, GRAIN / Math.max(1, x.dim(1))));
    }

    /// A vector per worker, and behind them what is not given.
    @Override
    public long scratchBytes() {
        return constantsAt() + (weight != null && bias != null ? 0 : 8L * x.n());
    }

    private long constantsAt() {
        return (long) Lanes.BYTES * threads.count();
    }

    /// What is not given is a row of ones, and behind it one of zeros.
    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        if (weight == null || bias == null) {
            constants(memory, constantsAt(), x.n());
        }
        threads.run(this, chunks.count());
    }

    static void constants(MemorySegment memory, long at, int n) {
        memory = OffHeap.of(memory);
        for (int i = 0; i < n; i++) {
            memory.set(FLOAT, at + 4L * i, 1);
            memory.set(FLOAT, at + 4L * (n + i), 0);
        }
    }

    @Override
    public void run(int chunk, int worker) {
        int n = x.n();
        MemorySegment w = weight == null ? scratch : weight.segment();
        long wAt = weight == null ? constantsAt() : weight.offset();
        MemorySegment b = bias == null ? scratch : bias.segment();
        long bAt = bias == null ? constantsAt() + 4L * n : bias.offset();
        long lanes = (long) Lanes.BYTES * worker;
        for (int i = chunks.start(chunk); i < chunks.start(chunk + 1); i++) {
            float mu = mean == null ? 0 : (float) (RowLoops.sum(x.segment(), x.at(i), n, scratch, lanes) / n);
            double squares = RowLoops.squares(x.segment(), x.at(i), n, mu, scratch, lanes);
            float s = (float) (1 / Math.sqrt(squares / n + eps));
            RowLoops.map(x.segment(), x.at(i), n, mu, s, w, wAt, b, bAt, y.segment(), y.at(i));
            if (mean != null) {
                OffHeap.of(mean.segment()).set(FLOAT, mean.at(i), mu);
            }
            OffHeap.of(scale.segment()).set(FLOAT, scale.at(i), s);
        }
    }
}
