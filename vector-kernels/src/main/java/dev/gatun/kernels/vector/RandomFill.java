package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// Numbers of a stream into a view, ranges of elements at once. Words are made in batches into an array of the worker;
/// each kind of number has a class with a [#store] of its own, which turns words into stored elements in one loop.
abstract class RandomFill implements Call, Task {
    private static final int PIECE = 4096;
    /// Words of a batch.
    private static final int BATCH = 1024;

    private final Threads threads;
    private final long seed;
    private final long offset;
    private final int wordsEach;
    private final Walk walk;
    private final int pieces;
    private final long[][] blocks;
    private final int[][] words;

    /// Where the numbers go.
    protected final View out;

    RandomFill(Threads threads, long seed, long offset, View out, int wordsEach) {
        this.threads = threads;
        this.seed = seed;
        this.offset = offset;
        this.out = out;
        this.wordsEach = wordsEach;
        // Row-major order of the coordinates, whatever the strides.
        walk = Walk.of(out.dims(), List.of(out), IntStream.range(0, out.rank()).boxed().toList());
        pieces = (int) ((out.count() + (long) PIECE - 1) / PIECE);
        blocks = new long[threads.count()][4 * PhiloxBlocks.LANES + 16];
        words = new int[threads.count()][BATCH + 4 * PhiloxBlocks.LANES + 16];
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, pieces);
    }

    @Override
    public void run(int chunk, int worker) {
        int end = (int) Math.min(out.count(), (chunk + 1L) * PIECE);
        int last = walk.rank() - 1;
        int size = walk.dims()[last];
        int step = walk.strides()[0][last];
        int batch = BATCH / wordsEach;
        for (int from = chunk * PIECE; from < end; from += batch) {
            int n = Math.min(batch, end - from);
            long first = (offset + from) * wordsEach;
            int skip = (int) (first & 3);
            make(first >>> 2, skip + n * wordsEach, worker);
            for (int i = 0; i < n;) {
                int run = Math.min(n - i, size - (from + i) % size);
                store(words[worker], skip + i * wordsEach, walk.offset(0, from + (long) i, last), step, run);
                i += run;
            }
        }
    }

    /// At least `count` words from block `number` on, in order.
    private void make(long number, int count, int worker) {
        long[] b = blocks[worker];
        int[] w = words[worker];
        for (int done = 0; done < count; done += 4 * PhiloxBlocks.LANES) {
            PhiloxBlocks.fill(seed, number + (done >>> 2), b);
            for (int i = 0; i < PhiloxBlocks.LANES; i++) {
                int at = done + 4 * i;
                w[at] = (int) b[i];
                w[at + 1] = (int) b[PhiloxBlocks.LANES + i];
                w[at + 2] = (int) b[2 * PhiloxBlocks.LANES + i];
                w[at + 3] = (int) b[3 * PhiloxBlocks.LANES + i];
            }
        }
    }

    /// Stores `n` numbers from element offset `at` on, `step` elements apart, made of the words from `from` on.
    abstract void store(int[] words, int from, long at, int step, int n);
}
