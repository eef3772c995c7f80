package dev.gatun.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Slice i of the picks along a dim is slice number index(i) of the table (select), or is added to it. The elements of a slice
/// are walked in runs; a unit of work is a range of one run for all i, in index order, so that units share no element
/// of the table.
final class PickedSlices implements Call, Task {
    private static final int PIECE = 2048;
    private static final int GRAIN = 16384;

    private final Threads threads;
    private final String op;
    private final View table;
    private final View index;
    private final View picked;
    private final boolean add;
    private final int n;
    private final int bound;
    private final int tableStep;
    private final int pickedStep;
    private final Walk walk;
    private final int[] outer;
    private final int run;
    private final int pieces;
    private final int slices;
    private final long units;
    private final int chunks;

    PickedSlices(Threads threads, String op, View table, View index, View picked, int dim, boolean add) {
        this.threads = threads;
        this.op = op;
        this.table = table;
        this.index = index;
        this.picked = picked;
        this.add = add;
        n = picked.dim(dim);
        bound = table.dim(dim);
        tableStep = table.stride(dim);
        pickedStep = picked.stride(dim);
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, picked.rank()).filter(d -> d != dim && picked.dim(d) != 1).boxed().toList());
        order.sort((x, y) -> Integer.compare(picked.stride(y), picked.stride(x)));
        walk = Walk.of(picked.dims(), List.of(table, picked), order);
        int last = walk.rank() - 1;
        outer = IntStream.range(0, last).toArray();
        run = walk.dims()[last];
        pieces = (run + PIECE - 1) / PIECE;
        // Selected slices share nothing: they may be taken apart too.
        slices = add ? 1 : Math.max(1, Math.min(n, 64));
        units = picked.count() == 0 ? 0 : (long) walk.count(outer) * pieces * slices;
        long work = (long) walk.count() * n;
        chunks = (int) Math.max(1, Math.min(Math.min(units, work / GRAIN), threads.count() * 8L));
    }

    @Override
    public void run(MemorySegment scratch) {
        IndexRange.check(op, index, bound);
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        long end = units * (chunk + 1) / chunks;
        for (long unit = units * chunk / chunks; unit < end; unit++) {
            int piece = (int) (unit % pieces);
            int slice = (int) (unit / pieces % slices);
            long block = unit / pieces / slices;
            int from = piece * PIECE;
            int count = Math.min(PIECE, run - from);
            int last = walk.rank() - 1;
            long t = walk.offset(0, block, outer) + (long) from * walk.strides()[0][last];
            long p = walk.offset(1, block, outer) + (long) from * walk.strides()[1][last];
            for (int i = (int) ((long) n * slice / slices); i < (long) n * (slice + 1) / slices; i++) {
                long pick = index.getLong((long) i * index.stride(0));
                piece(t + pick * tableStep, p + (long) i * pickedStep, count);
            }
        }
    }

    private void piece(long t, long p, int count) {
        int last = walk.rank() - 1;
        long st = walk.strides()[0][last];
        long sp = walk.strides()[1][last];
        int bytes = picked.dtype().bytes();
        if (!add && (count == 1 || (st == 1 && sp == 1))) {
            MemorySegment.copy(
                    table.segment(), table.offset() + t * bytes, picked.segment(), picked.offset() + p * bytes,
                    (long) count * bytes);
        } else if (add && picked.dtype() == DType.F32) {
            sum(table.offset() + t * 4, st * 4, picked.offset() + p * 4, sp * 4, count);
        } else {
            for (int i = 0; i < count; i++) {
                IndexRange.move(table, t + i * st, picked, p + i * sp, add);
            }
        }
    }

    private void sum(long t, long st, long p, long sp, int count) {
        MemorySegment a = OffHeap.of(table.segment());
        MemorySegment b = OffHeap.of(picked.segment());
        for (int i = 0; i < count; i++) {
            long there = t + i * st;
            a.set(JAVA_FLOAT, there, a.get(JAVA_FLOAT, there) + b.get(JAVA_FLOAT, p + i * sp));
        }
    }
}
