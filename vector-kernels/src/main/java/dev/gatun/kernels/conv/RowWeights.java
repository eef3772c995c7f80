package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.gemm.Split;
import dev.gatun.kernels.gemm.Tiling;
import dev.gatun.kernels.image.Lanes;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;

/// Maths: `gw[o, p] = Σ over images and pixels gy[o, i, j] · x[offset(p) + (i, j)]` for groups of one or two results:
/// depthwise filters.
/// Layout: the rows a block needs are staged with padding; four taps at once, a vector of sums each.
/// Blocking: one group at a time on one worker, image after image, block after block: the order of the sums is fixed.
/// Registers: see [RowKernels]. Evidence: docs/kernels-conv.md.
final class RowWeights implements Call, Task {
    private static final int BLOCK = 6144;

    private final Threads threads;
    private final View gw;
    private final View gy;
    private final MemorySegment image;
    private final Operand source;
    private final Operand gradient;
    private final int n;
    private final int groups;
    private final int m;
    private final int k;
    private final int cols;
    private final boolean oneRow;
    private final long rowStep;
    private final ImagePanels panels;
    private final Split blocks;
    private final long imageBytes;
    private final long workerBytes;
    private MemorySegment scratch = MemorySegment.NULL;

    RowWeights(Machine machine, ConvSpec spec, View x, View gy, View gw) {
        threads = machine.threads();
        this.gw = gw;
        this.gy = gy;
        image = x.segment();
        groups = spec.groups();
        n = x.dim(0);
        m = gw.dim(0) / groups;
        Correlation shape = Correlation.forward(
                spec, gw.dim(1), x.dim(2), x.dim(3), gy.dim(2), gy.dim(3), gw.dim(2), gw.dim(3));
        k = shape.k();
        source = Finish.images(x, groups, 4);
        gradient = Finish.images(gy, groups, 4);
        cols = shape.cols();
        oneRow = shape.rows() == 1;
        int most = Math.max(1, BLOCK / Math.max(1, shape.channels() * Math.min(BLOCK, shape.w() * shape.sh())));
        blocks = oneRow ? new Split(cols, BLOCK) : new Split(shape.rows(), most);
        int largest = oneRow ? blocks.largest() : blocks.largest() * cols;
        Tiling tiling = Tiling.of(machine.type(), 1, shape.pixels());
        panels = new ImagePanels(shape, source.row(), tiling, new Split(k, k), largest, false);
        rowStep = 4L * (panels.pixel(cols, 0) - panels.pixel(0, 0));
        imageBytes = panels.scratchBytes();
        workerBytes = imageBytes + (long) m * (k + 3 & ~3) * BYTES;
    }

    @Override
    public long scratchBytes() {
        return workerBytes * threads.count();
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(this, groups);
        scratch = MemorySegment.NULL;
    }

    @Override
    public void run(int group, int worker) {
        long room = worker * workerBytes;
        long sums = room + imageBytes;
        long filter = (long) (k + 3 & ~3) * BYTES;
        ChannelsLast.zero(scratch, sums, m * filter);
        int unit = oneRow ? 1 : cols;
        for (int image = 0; image < n; image++) {
            int b = image * groups + group;
            for (int block = 0; block < blocks.count(); block++) {
                int q0 = blocks.start(block) * unit;
                int q1 = blocks.start(block + 1) * unit;
                long base = panels.stage(this.image, source.starts()[b], 0, k, q0, q1, scratch, room);
                for (int o = 0; o < m; o++) {
                    taps(base, q0, q1, gradient.starts()[b] + o * gradient.row(), sums + o * filter);
                }
            }
        }
        for (int o = 0; o < m; o++) {
            store(group * m + o, sums + o * filter);
        }
    }

    private void taps(long base, int q0, int q1, long plane, long sums) {
        int[] offsets = panels.offsets();
        int count = oneRow ? q1 - q0 : cols;
        for (int p = 0; p < k; p += 4) {
            RowKernels.taps(gy.segment(), plane + 4L * q0, 4L * cols, scratch, base + 4L * offsets[p],
                    base + 4L * offsets[Math.min(p + 1, k - 1)], base + 4L * offsets[Math.min(p + 2, k - 1)],
                    base + 4L * offsets[Math.min(p + 3, k - 1)], rowStep, (q1 - q0) / count, count, scratch,
                    sums + (long) p * BYTES);
        }
    }

    private void store(int o, long sums) {
        MemorySegment scratch = OffHeap.of(this.scratch);
        MemorySegment weights = OffHeap.of(gw.segment());
        int taps = gw.dim(2) * gw.dim(3);
        for (int p = 0; p < k; p++) {
            float sum = Lanes.sum(scratch, sums + (long) p * BYTES);
            long at = (long) o * gw.stride(0) + (long) (p / taps) * gw.stride(1) + p % taps;
            weights.set(FLOAT, gw.offset() + 4 * at, sum);
        }
    }
}
