package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.PointwiseLoop;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// maths: one pointwise map over many lists of operands.
/// layout: every operand F32, contiguous, or one number for all elements.
/// blocking and why: the lists are cut into blocks, and all blocks are shared among the threads as one piece of work: a
/// dispatch per list would cost more than the work of a small one.
/// registers: see the generated loop.
/// evidence: docs/kernels-pointwise.md.
final class ManyMaps implements Call, Task {
    private static final int BLOCK = 16384;
    /// Elements that are worth a chunk of their own.
    private static final int GRAIN = 32768;
    /// Vectors per call of the loop while it is [cold][PointwiseLoop#isCold].
    private static final int WARM_UP_STEPS = 32;

    private final Threads threads;
    private final PointwiseLoop loop;
    private final MemorySegment[][] segments;
    private final long[][] starts;
    private final int[] counts;
    /// Per list, the number of its first block.
    private final int[] blocks;
    private final boolean[] repeated;
    private final int chunks;
    private final long[][] offsets;

    /// True when all lists can be walked so, in the same way.
    static boolean fit(List<List<View>> in, List<List<View>> out) {
        if (in.isEmpty()) {
            return false;
        }
        List<Access> first = access(in.getFirst());
        boolean fits = true;
        for (int i = 0; fits && i < in.size(); i++) {
            fits = Stream.concat(in.get(i).stream(), out.get(i).stream()).allMatch(v -> v.dtype() == DType.F32)
                    && out.get(i).stream().allMatch(View::isContiguous)
                    && in.get(i).stream().allMatch(v -> v.isContiguous() || isRepeated(v))
                    && (access(in.get(i)).equals(first) || out.get(i).getFirst().count() == 0);
        }
        return fits;
    }

    /// How the loop sees these inputs.
    static List<Access> access(List<View> in) {
        return in.stream().map(v -> isRepeated(v) ? Access.REPEATED : Access.CONTIGUOUS).toList();
    }

    private static boolean isRepeated(View v) {
        boolean repeated = v.rank() > 0;
        for (int i = 0; i < v.rank(); i++) {
            repeated &= v.stride(i) == 0;
        }
        return repeated;
    }

    ManyMaps(Threads threads, PointwiseLoop loop, List<List<View>> in, List<List<View>> out) {
        this.threads = threads;
        this.loop = loop;
        int n = in.size();
        segments = new MemorySegment[n][];
        starts = new long[n][];
        counts = new int[n];
        blocks = new int[n + 1];
        List<Access> access = access(in.getFirst());
        int operands = in.getFirst().size() + out.getFirst().size();
        repeated = new boolean[operands];
        for (int i = 0; i < access.size(); i++) {
            repeated[i] = access.get(i) == Access.REPEATED;
        }
        long work = 0;
        for (int i = 0; i < n; i++) {
            List<View> all = new ArrayList<>(in.get(i));
            all.addAll(out.get(i));
            segments[i] = all.stream().map(View::segment).toArray(MemorySegment[]::new);
            starts[i] = all.stream().mapToLong(View::offset).toArray();
            counts[i] = out.get(i).getFirst().count();
            blocks[i + 1] = blocks[i] + Math.ceilDiv(counts[i], BLOCK);
            work += counts[i];
        }
        chunks = (int) Math.clamp(work / GRAIN, 1, Math.min(Math.max(blocks[n], 1), threads.count() * 8L));
        offsets = new long[threads.count()][operands];
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
        int all = blocks[blocks.length - 1];
        int from = (int) ((long) all * chunk / chunks);
        int end = (int) ((long) all * (chunk + 1) / chunks);
        int list = 0;
        for (int block = from; block < end; block++) {
            while (blocks[list + 1] <= block) {
                list++;
            }
            int first = (block - blocks[list]) * BLOCK;
            block(list, first, Math.min(BLOCK, counts[list] - first), worker);
        }
    }

    private void block(int list, int first, int n, int worker) {
        MemorySegment[] s = segments[list];
        long[] o = offsets[worker];
        for (int i = 0; i < o.length; i++) {
            o[i] = starts[list][i] + (repeated[i] ? 0 : 4L * first);
        }
        int lanes = loop.lanes();
        int whole = n & -lanes;
        int done = 0;
        int steps = WARM_UP_STEPS * lanes;
        if (loop.isCold()) {
            while (whole - done > steps) {
                loop.body(s, o, steps);
                advance(o, steps);
                done += steps;
            }
        }
        if (whole > done) {
            loop.body(s, o, whole - done);
        }
        if (n > whole) {
            loop.tail(s, o, whole - done, n - whole);
        }
    }

    private void advance(long[] o, int elements) {
        for (int i = 0; i < o.length; i++) {
            o[i] += repeated[i] ? 0 : 4L * elements;
        }
    }
}
