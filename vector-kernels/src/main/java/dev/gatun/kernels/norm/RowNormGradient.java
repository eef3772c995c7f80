package dev.gatun.kernels.norm;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.memory.Zeros;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// maths: with h = gy·weight and x̂ = (x − mean)·scale, `gx = scale·(h − Σh/n − x̂·Σ(h·x̂)/n)`, `gweight = Σ gy·x̂` and
/// `gbias = Σ gy` over the rows.
/// layout: rows any stride apart, contiguous.
/// blocking and why: row by row, all passes while the row is in cache; the rows are cut into at most 64 blocks, by their
/// number alone, each with sums of its own for weight and bias, which are added up in order of the blocks: so the bits
/// do not depend on the threads.
/// registers: see [RowLoops].
/// evidence: docs/kernels-attention.md, table of layer norm.
public final class RowNormGradient implements Call {
    private static final int BLOCKS = 64;
    private static final int COLUMNS = 256;
    private static final int SUMS = 16;

    private final Threads threads;
    private final Rows x;
    private final @Nullable Rows weight;
    private final @Nullable Rows mean;
    private final Rows scale;
    private final Rows gy;
    private final Rows gx;
    private final @Nullable Rows gweight;
    private final @Nullable Rows gbias;
    private final Split blocks;
    private final Split columns;
    private final long blockBytes;
    private final double[] sums;
    private final Task rows = this::rows;
    private final Task joining = this::join;
    private MemorySegment scratch = MemorySegment.NULL;

    /// For checked F32 operands; without `mean` it is RMS norm.
    public RowNormGradient(
            Threads threads, View x, @Nullable View weight, @Nullable View mean, View scale, View gy, View gx,
            @Nullable View gweight, @Nullable View gbias) {
        this.threads = threads;
        this.x = Rows.matrix(x);
        this.weight = Rows.shared(weight);
        this.mean = mean == null ? null : Rows.column(mean);
        this.scale = Rows.column(scale);
        this.gy = Rows.matrix(gy);
        this.gx = Rows.matrix(gx);
        this.gweight = Rows.shared(gweight);
        this.gbias = Rows.shared(gbias);
        int m = x.dim(0);
        int n = x.dim(1);
        blocks = new Split(m, Math.max(Math.ceilDiv(m, BLOCKS), Math.clamp(8192 / Math.max(1, n), 1, 64)));
        columns = new Split(n, COLUMNS);
        blockBytes = 8L * n + 63 & ~63L;
        sums = new double[SUMS * threads.count()];
    }

    /// Two vectors per worker, a row of ones, then per block the sums for weight and bias; at least one block, which is all
    /// zeros without rows.
    @Override
    public long scratchBytes() {
        return block(Math.max(1, blocks.count()));
    }

    private long onesAt() {
        return 2L * Lanes.BYTES * threads.count();
    }

    private long block(int i) {
        return (onesAt() + 8L * x.n() + 63 & ~63L) + i * blockBytes;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        RowNorm.constants(memory, onesAt(), x.n());
        if (blocks.count() == 0) {
            Zeros.fill(memory, block(0), blockBytes);
        }
        threads.run(rows, blocks.count());
        if (gweight != null || gbias != null) {
            threads.run(joining, columns.count());
        }
    }

    private void rows(int block, int worker) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        int n = x.n();
        MemorySegment w = weight == null ? scratch : weight.segment();
        long wAt = weight == null ? onesAt() : weight.offset();
        long ofWeight = block(block);
        for (int i = 0; i < 2 * n; i++) {
            scratch.set(FLOAT, ofWeight + 4L * i, 0);
        }
        int slot = SUMS * worker;
        for (int i = blocks.start(block); i < blocks.start(block + 1); i++) {
            float mu = mean == null ? 0 : OffHeap.of(mean.segment()).get(FLOAT, mean.at(i));
            float s = OffHeap.of(scale.segment()).get(FLOAT, scale.at(i));
            if (gweight != null || gbias != null) {
                RowLoops.addColumns(x.segment(), x.at(i), gy.segment(), gy.at(i), n, mu, s, scratch, ofWeight,
                        ofWeight + 4L * n);
            }
            sums[slot] = 0;
            sums[slot + 1] = 0;
            RowLoops.gradientSums(x.segment(), x.at(i), gy.segment(), gy.at(i), w, wAt, n, mu, sums, slot,
                    scratch, 2L * Lanes.BYTES * worker);
            float a = mean == null ? 0 : (float) (sums[slot] / n);
            float k = (float) (sums[slot + 1] * s * s / n);
            RowLoops.gradientMap(x.segment(), x.at(i), gy.segment(), gy.at(i), w, wAt, n, mu, s, a, k, gx.segment(),
                    gx.at(i));
        }
    }

    private void join(int chunk, int worker) {
        int n = x.n();
        long from = 4L * columns.start(chunk);
        int count = columns.size(chunk);
        for (int b = 1; b < blocks.count(); b++) {
            RowLoops.add(scratch, block(b) + from, block(0) + from, count);
            RowLoops.add(scratch, block(b) + 4L * n + from, block(0) + 4L * n + from, count);
        }
        if (gweight != null) {
            MemorySegment.copy(scratch, block(0) + from, gweight.segment(), gweight.offset() + from, 4L * count);
        }
        if (gbias != null) {
            MemorySegment.copy(scratch, block(0) + 4L * n + from, gbias.segment(), gbias.offset() + from, 4L * count);
        }
    }
}
