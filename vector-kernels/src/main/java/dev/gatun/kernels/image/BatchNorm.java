package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.FLOAT;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

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
    private final boolean lanes;
    private final Chunks chunks;

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
        lanes = Channels.acrossLanes(x, y, gamma, beta, mean, variance);
        chunks = Channels.chunks(x, lanes);
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks.count());
    }

    @Override
    public void run(int chunk, int worker) {
        for (int i = chunks.from(chunk); i < chunks.to(chunk); i++) {
            if (lanes) {
                lanes(i * VL);
            } else {
                rows(i);
            }
        }
    }

    private void lanes(int c) {
        VectorMask<Float> mask = F.indexInRange(c, x.c());
        ChannelLanes.forward(x.segment(), x.at(c), x.strideN(), x.n(), mask, gamma.segment(), gamma.at(c),
                beta.segment(), beta.at(c), (float) eps, y.segment(), y.at(c), y.strideN(), mean.segment(), mean.at(c),
                variance.segment(), variance.at(c));
    }

    private void rows(int c) {
        double m = (double) x.n() * x.l();
        MemorySegment s = x.segment();
        float mu = (float) (ChannelRows.moment(s, x.at(c), x.strideN(), x.n(), x.l(), 0, false) / m);
        double v = ChannelRows.moment(s, x.at(c), x.strideN(), x.n(), x.l(), mu, true) / m;
        float scale = (float) (gamma.segment().get(FLOAT, gamma.at(c)) * ChannelRows.inverseRoot(v + eps));
        float shift = beta.segment().get(FLOAT, beta.at(c));
        ChannelRows.map(s, x.at(c), x.strideN(), x.n(), x.l(), mu, scale, shift, y.segment(), y.at(c), y.strideN());
        mean.segment().set(FLOAT, mean.at(c), mu);
        variance.segment().set(FLOAT, variance.at(c), (float) v);
    }
}
