package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.Fallback;
import dev.gatun.kernels.codegen.PointwiseLoop;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// A pointwise map bound to its operands: blocks of runs, shared among the threads. Scratch memory holds, for every
/// worker, one block per staged operand.
final class PointwiseCall implements Call, Task {
    /// Elements of a block when an operand is staged: a few blocks stay in L1.
    private static final int STAGED_BLOCK = 1024;

    private static final int BLOCK = 16384;
    /// Vectors per call of the loop while it is [cold][PointwiseLoop#isCold].
    private static final int WARM_UP_STEPS = 32;
    /// Elements that are worth a chunk of their own, for cheap expressions.
    private static final int GRAIN = 32768;

    private final Threads threads;
    private final PointwiseLoop loop;
    private final PointwisePlan plan;
    private final View[] operands;
    private final int inputs;
    private final int block;
    private final int blocksPerRow;
    private final int chunks;
    private final int blockBytes;
    private final int[] slot;
    private final int slots;
    private final MemorySegment[][] segments;
    private final long[][] offsets;
    private MemorySegment scratch = MemorySegment.NULL;

    PointwiseCall(
            Threads threads, PointwiseLoop loop, PointwisePlan plan, List<View> operands, int inputs, int cost) {
        this.threads = threads;
        this.loop = loop;
        this.plan = plan;
        this.operands = operands.toArray(View[]::new);
        this.inputs = inputs;
        block = plan.anyStaged() ? STAGED_BLOCK : BLOCK;
        blocksPerRow = (plan.run() + block - 1) / block;
        long units = (long) plan.rows() * blocksPerRow;
        long work = (long) plan.walk().count() * cost * (plan.anyStaged() ? 4 : 1);
        chunks = (int) Math.max(1, Math.min(Math.min(units, work / GRAIN), threads.count() * 8L));
        blockBytes = STAGED_BLOCK * plan.compute().bytes();
        slot = new int[this.operands.length];
        int next = 0;
        for (int i = 0; i < slot.length; i++) {
            slot[i] = plan.staged()[i] ? next++ : -1;
        }
        slots = next;
        segments = new MemorySegment[threads.count()][slot.length];
        offsets = new long[threads.count()][slot.length + Fallback.ROOM];
        for (MemorySegment[] row : segments) {
            Arrays.setAll(row, i -> this.operands[i].segment());
        }
    }

    @Override
    public long scratchBytes() {
        return (long) threads.count() * slots * blockBytes;
    }

    @Override
    public void run(MemorySegment memory) {
        if (slots > 0 && !memory.equals(scratch)) {
            scratch = memory;
            for (int w = 0; w < segments.length; w++) {
                for (int i = 0; i < slot.length; i++) {
                    if (slot[i] >= 0) {
                        segments[w][i] = memory;
                        offsets[w][i] = ((long) w * slots + slot[i]) * blockBytes;
                    }
                }
            }
        }
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        long units = (long) plan.rows() * blocksPerRow;
        long end = units * (chunk + 1) / chunks;
        for (long unit = units * chunk / chunks; unit < end; unit++) {
            int row = (int) (unit / blocksPerRow);
            int from = (int) (unit % blocksPerRow) * block;
            block(row, from, Math.min(block, plan.run() - from), worker);
        }
    }

    private void block(int row, int from, int n, int worker) {
        MemorySegment[] s = segments[worker];
        long[] o = offsets[worker];
        for (int i = 0; i < slot.length; i++) {
            View v = operands[i];
            long start = plan.walk().offset(i, row, plan.split() - 1);
            if (slot[i] < 0) {
                o[i] = v.offset() + (start + (plan.repeated()[i] ? 0 : from)) * v.dtype().bytes();
            } else if (i < inputs) {
                stage(i, start, from, plan.repeated()[i] ? 1 : n, s[i], o[i], true);
            }
        }
        compute(s, o, n);
        for (int i = inputs; i < slot.length; i++) {
            if (slot[i] >= 0) {
                stage(i, plan.walk().offset(i, row, plan.split() - 1), from, n, s[i], o[i], false);
            }
        }
    }

    private void compute(MemorySegment[] s, long[] o, int n) {
        int lanes = loop.lanes();
        int whole = n & -lanes;
        int from = 0;
        int steps = WARM_UP_STEPS * lanes;
        if (loop.isCold()) {
            while (whole - from > steps) {
                loop.body(s, o, steps);
                advance(o, steps);
                from += steps;
            }
        }
        if (whole > from) {
            loop.body(s, o, whole - from);
        }
        if (n > whole) {
            loop.tail(s, o, whole - from, n - whole);
        }
        if (from > 0) {
            advance(o, -from);
        }
    }

    private void advance(long[] o, int elements) {
        for (int i = 0; i < slot.length; i++) {
            if (!plan.repeated()[i]) {
                o[i] += (long) elements * (slot[i] < 0 ? operands[i].dtype() : plan.compute()).bytes();
            }
        }
    }

    /// Moves `n` elements of the run, from number `from` on, between an operand and its block: pieces of the innermost
    /// dim, one after another.
    private void stage(int operand, long start, int from, int n, MemorySegment memory, long at, boolean load) {
        View v = operands[operand];
        Walk walk = plan.walk();
        int last = walk.rank() - 1;
        int size = walk.dims()[last];
        int stride = walk.strides()[operand][last];
        int bytes = v.dtype().bytes();
        int done = 0;
        while (done < n) {
            int number = from + done;
            int column = number % size;
            int piece = Math.min(n - done, size - column);
            long element = start + (long) column * stride;
            int rest = number / size;
            for (int d = last - 1; d >= plan.split(); d--) {
                element += (long) (rest % walk.dims()[d]) * walk.strides()[operand][d];
                rest /= walk.dims()[d];
            }
            long there = v.offset() + element * bytes;
            long here = at + (long) done * plan.compute().bytes();
            if (load) {
                Staging.load(v.segment(), there, stride, v.dtype(), memory, here, plan.compute(), piece);
            } else {
                Staging.store(memory, here, plan.compute(), v.segment(), there, stride, v.dtype(), piece);
            }
            done += piece;
        }
    }
}
