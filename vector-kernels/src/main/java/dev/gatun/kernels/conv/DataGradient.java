package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Operand;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Maths: `gx[c, y, x] = Σ over (o, u, v) with i·sh = y + pt − u·dh, j·sw = x + pl − v·dw of gy[o, i, j] · w[o, c, u, v]`.
/// Layout: the inputs fall into sh·sw phases by `y mod sh` and `x mod sw`; to one phase belong fixed taps, at fixed
/// offsets in gy: a [Correlation] of step 1 with the transposed filter of these taps. No product with zeros.
/// Blocking: the filters are transposed first, then phase after phase; each stores every input of its own once, so
/// nothing is added to memory twice and no order has to be kept.
/// Registers: see the micro-kernel. Evidence: docs/kernels-conv.md.
final class DataGradient implements Call {
    /// One phase: its taps `u·kw + v`, where its transposed filter begins, and the product.
    private record Phase(
            int[] taps, float @Nullable [] order, long weightsAt, long rowBytes, Product product) {}

    private final Threads threads;
    private final View w;
    private final int groups;
    private final MemorySegment result;
    private final Phase[] phases;
    private final long weightBytes;
    private final long scratchBytes;
    private final Task transposing = this::transpose;
    private MemorySegment scratch = MemorySegment.NULL;

    DataGradient(Machine machine, ConvSpec spec, View gy, View w, View gx) {
        threads = machine.threads();
        this.w = w;
        groups = spec.groups();
        result = gx.segment();
        int down = Math.min(spec.strideH(), gx.dim(2));
        int across = Math.min(spec.strideW(), gx.dim(3));
        phases = new Phase[down * across];
        long at = 0;
        long most = 0;
        for (int i = 0; i < phases.length; i++) {
            int[] taps = taps(spec, w, i / across, i % across);
            long rowBytes = Filter.rowBytes(w.dim(0) / groups * taps.length);
            Product product = product(machine, spec, gy, gx, i / across, i % across, taps, at, rowBytes);
            phases[i] = new Phase(taps, Filter.order(w, taps), at, rowBytes, product);
            at += gx.dim(1) * rowBytes;
            most = Math.max(most, product.scratchBytes());
        }
        weightBytes = at;
        scratchBytes = at + most;
    }

    /// Filter taps whose products land in inputs `y ≡ r, x ≡ s`.
    private static int[] taps(ConvSpec spec, View w, int r, int s) {
        int kw = w.dim(3);
        int[] all = new int[w.dim(2) * kw];
        int count = 0;
        // The last tap first: it reads the uppermost row of gy.
        for (int t = all.length - 1; t >= 0; t--) {
            int down = r + spec.padTop() - t / kw * spec.dilationH();
            int right = s + spec.padLeft() - t % kw * spec.dilationW();
            if (Math.floorMod(down, spec.strideH()) == 0 && Math.floorMod(right, spec.strideW()) == 0) {
                all[count++] = t;
            }
        }
        return Arrays.copyOf(all, count);
    }

    private Product product(
            Machine machine, ConvSpec spec, View gy, View gx, int r, int s, int[] taps, long weightsAt,
            long rowBytes) {
        int kw = w.dim(3);
        int[] dy = new int[taps.length];
        int[] dx = new int[taps.length];
        for (int t = 0; t < taps.length; t++) {
            dy[t] = Math.floorDiv(r + spec.padTop() - taps[t] / kw * spec.dilationH(), spec.strideH());
            dx[t] = Math.floorDiv(s + spec.padLeft() - taps[t] % kw * spec.dilationW(), spec.strideW());
        }
        int rows = Math.ceilDiv(gx.dim(2) - r, spec.strideH());
        int cols = Math.ceilDiv(gx.dim(3) - s, spec.strideW());
        Correlation shape =
                new Correlation(w.dim(0) / groups, gy.dim(2), gy.dim(3), rows, cols, 1, 1, dy, dx);
        int perGroup = w.dim(1);
        long[] starts = new long[gx.dim(0) * groups];
        for (int b = 0; b < starts.length; b++) {
            starts[b] = weightsAt + (long) (b % groups) * perGroup * rowBytes;
        }
        Operand a = new Operand(MemorySegment.NULL, starts, rowBytes, 4);
        Placement placement = phases.length == 1
                ? Placement.SAME
                : new Placement(cols, 4L * (r * gx.dim(3) + s), 4L * spec.strideH() * gx.dim(3), 4L * spec.strideW());
        ConvAlgorithm algorithm = phases.length > 1 || gx.dim(0) == 0
                ? ConvAlgorithm.DIRECT
                : ConvCost.ranked(machine, shape, perGroup, groups, gx.dim(0), false).getFirst();
        return machine.correlate(
                algorithm, false, shape, perGroup, groups, Finish.images(gy, groups, 4), a,
                Finish.images(gx, groups, 4), Epilogue.NONE.expr(),
                List.of(), placement);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment memory) {
        scratch = memory;
        threads.run(transposing, groups);
        for (int i = 0; i < phases.length; i++) {
            phases[i].product.run(memory, weightBytes, memory, result);
        }
        scratch = MemorySegment.NULL;
    }

    private void transpose(int group, int worker) {
        int oc = w.dim(0) / groups;
        for (int i = 0; i < phases.length; i++) {
            Phase p = phases[i];
            long at = p.weightsAt + (long) group * w.dim(1) * p.rowBytes;
            Filter.transpose(w, group * oc, oc, p.taps, p.order, scratch, at, p.rowBytes);
        }
    }
}
