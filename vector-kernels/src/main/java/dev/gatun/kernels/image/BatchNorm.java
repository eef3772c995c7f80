package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: `y = (x − mean)·(variance + eps)^−½·gamma + beta`, statistics over n and l, two passes.
/// Layout: `[n, c, l]`; l > 1 goes by channels ([ChannelRows]), l = 1 by vectors of channels ([ChannelLanes]).
/// Blocking: chunks of whole channels, never inside a sum.
/// Registers: see the two kernels. Evidence: docs/kernels-conv.md, batch norm table.
final class BatchNorm implements Call, Task {
    private final Threads threads;
    private final Channels x;
    private final Channels y;
    private final Channels gamma;
    private final Channels beta;
    private final Channels mean;
    private final Channels variance;
    private final double eps;
    private final boolean across;
    private final Chunks chunks;
    private MemorySegment lanes = MemorySegment.NULL;

    BatchNorm(
            Threads threads, Channels x, Channels gamma, Channels beta, double eps, Channels y, Channels mean,
            Channels variance) {
        this.threads = threads;
        this.x = x;
        this.y = y;
        this.gamma = gamma;
        this.beta = beta;
        this.mean = mean;
        this.variance = variance;
        this.eps = eps;
        across = Channels.acrossLanes(x, y, gamma, beta, mean, variance);
        chunks = Channels.chunks(x, across);
    }

    /// Some vectors per worker.
    @Override
    public long scratchBytes() {
        return ChannelLanes.FORWARD_BYTES * threads.count();
    }

    @Override
    public void run(MemorySegment scratch) {
        lanes = scratch;
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        long lanesAt = ChannelLanes.FORWARD_BYTES * worker;
        for (int i = chunks.from(chunk); i < chunks.to(chunk); i++) {
            if (across) {
                lanes(i * VL, lanesAt);
            } else {
                rows(i, lanesAt);
            }
        }
    }

    private void lanes(int c, long lanesAt) {
        int channels = Math.min(VL, x.c() - c);
        ChannelLanes.forward(x.segment(), x.at(c), x.strideN(), x.n(), channels, gamma.segment(), gamma.at(c),
                beta.segment(), beta.at(c), (float) eps, y.segment(), y.at(c), y.strideN(), mean.segment(), mean.at(c),
                variance.segment(), variance.at(c), lanes, lanesAt);
    }

    private void rows(int c, long lanesAt) {
        double m = (double) x.n() * x.l();
        MemorySegment s = x.segment();
        float mu = (float) (ChannelRows.moment(s, x.at(c), x.strideN(), x.n(), x.l(), 0, false, lanes,
                lanesAt) / m);
        double v = ChannelRows.moment(s, x.at(c), x.strideN(), x.n(), x.l(), mu, true, lanes, lanesAt) / m;
        float scale = (float) (OffHeap.of(gamma.segment()).get(FLOAT, gamma.at(c)) * ChannelRows.inverseRoot(v + eps));
        float shift = OffHeap.of(beta.segment()).get(FLOAT, beta.at(c));
        ChannelRows.map(s, x.at(c), x.strideN(), x.n(), x.l(), mu, scale, shift, y.segment(), y.at(c), y.strideN());
        OffHeap.of(mean.segment()).set(FLOAT, mean.at(c), mu);
        OffHeap.of(variance.segment()).set(FLOAT, variance.at(c), (float) v);
    }
}
