package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: `s = (variance + eps)^−½`, `gbeta = Σg`, `ggamma = s·Σg·(x − mean)`,
/// `gx = gamma·s·(g − gbeta/m − (x − mean)·s·ggamma/m)`, m = n·l.
/// Layout, blocking: as [BatchNorm]; one pass for both sums, one for gx.
/// Registers: see [ChannelRows] and [ChannelLanes]. Evidence: docs/kernels-conv.md, batch norm table.
final class BatchNormGradient implements Call, Task {
    private static final int SUMS = 16;

    private final Threads threads;
    private final Channels x;
    private final Channels gamma;
    private final Channels mean;
    private final Channels variance;
    private final double eps;
    private final Channels gy;
    private final Channels gx;
    private final Channels ggamma;
    private final Channels gbeta;
    private final boolean across;
    private final Chunks chunks;
    private final double[] sums;
    private MemorySegment lanes = MemorySegment.NULL;

    BatchNormGradient(
            Threads threads, Channels x, Channels gamma, Channels mean, Channels variance, double eps, Channels gy,
            Channels gx, Channels ggamma, Channels gbeta) {
        this.threads = threads;
        this.x = x;
        this.gamma = gamma;
        this.mean = mean;
        this.variance = variance;
        this.eps = eps;
        this.gy = gy;
        this.gx = gx;
        this.ggamma = ggamma;
        this.gbeta = gbeta;
        across = Channels.acrossLanes(x, gy, gx, gamma, mean, variance, ggamma, gbeta);
        chunks = Channels.chunks(x, across);
        sums = new double[SUMS * threads.count()];
    }

    /// Some vectors per worker.
    @Override
    public long scratchBytes() {
        return ChannelLanes.GRADIENT_BYTES * threads.count();
    }

    @Override
    public void run(MemorySegment scratch) {
        lanes = scratch;
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        long lanesAt = ChannelLanes.GRADIENT_BYTES * worker;
        for (int i = chunks.from(chunk); i < chunks.to(chunk); i++) {
            if (across) {
                lanes(i * VL, lanesAt);
            } else {
                rows(i, SUMS * worker, lanesAt);
            }
        }
    }

    private void lanes(int c, long lanesAt) {
        int channels = Math.min(VL, x.c() - c);
        ChannelLanes.gradient(x.segment(), x.at(c), x.strideN(), x.n(), channels, gamma.segment(), gamma.at(c),
                mean.segment(), mean.at(c), variance.segment(), variance.at(c), (float) eps, gy.segment(), gy.at(c),
                gy.strideN(), gx.segment(), gx.at(c), gx.strideN(), ggamma.segment(), ggamma.at(c), gbeta.segment(),
                gbeta.at(c), lanes, lanesAt);
    }

    private void rows(int c, int slot, long lanesAt) {
        double m = (double) x.n() * x.l();
        float mu = OffHeap.of(mean.segment()).get(FLOAT, mean.at(c));
        double s = ChannelRows.inverseRoot(OffHeap.of(variance.segment()).get(FLOAT, variance.at(c)) + eps);
        double scale = OffHeap.of(gamma.segment()).get(FLOAT, gamma.at(c)) * s;
        ChannelRows.gradientSums(x.segment(), x.at(c), x.strideN(), gy.segment(), gy.at(c), gy.strideN(), x.n(),
                x.l(), mu, sums, slot, lanes, lanesAt);
        double ofGamma = sums[slot + 1] * s;
        float b = (float) (-scale * s * ofGamma / m);
        float k = (float) (-scale * sums[slot] / m);
        ChannelRows.gradientMap(x.segment(), x.at(c), x.strideN(), gy.segment(), gy.at(c), gy.strideN(), x.n(), x.l(),
                mu, (float) scale, b, k, gx.segment(), gx.at(c), gx.strideN());
        OffHeap.of(ggamma.segment()).set(FLOAT, ggamma.at(c), (float) ofGamma);
        OffHeap.of(gbeta.segment()).set(FLOAT, gbeta.at(c), (float) sums[slot]);
    }
}
