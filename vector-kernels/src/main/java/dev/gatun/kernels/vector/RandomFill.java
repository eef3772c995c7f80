package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.View;
import dev.gatun.kernels.reference.Philox;
import dev.gatun.kernels.thread.Task;
import dev.gatun.kernels.thread.Threads;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// Numbers of a stream into a view, ranges of elements at once.
class RandomFill implements Call, Task {
    private static final int PIECE = 4096;

    /// A number from one or two words.
    interface Draw {
        double number(int first, int second);
    }

    private final Threads threads;
    private final long seed;
    private final long offset;
    private final int wordsEach;
    private final Draw draw;
    private final Walk walk;
    private final int pieces;
    private final int[][] blocks;

    /// Where the numbers go.
    protected final View out;

    RandomFill(Threads threads, long seed, long offset, View out, int wordsEach, Draw draw) {
        this.threads = threads;
        this.seed = seed;
        this.offset = offset;
        this.out = out;
        this.wordsEach = wordsEach;
        this.draw = draw;
        // Row-major order of the coordinates, whatever the strides.
        walk = Walk.of(out.dims(), List.of(out), IntStream.range(0, out.rank()).boxed().toList());
        pieces = (int) ((out.count() + (long) PIECE - 1) / PIECE);
        // A cache line and more per worker.
        blocks = new int[threads.count()][32];
    }

    @Override
    public void run(MemorySegment scratch) {
        threads.run(this, pieces);
    }

    @Override
    public void run(int chunk, int worker) {
        int end = (int) Math.min(out.count(), (chunk + 1L) * PIECE);
        int last = walk.rank() - 1;
        int[] block = blocks[worker];
        long number = -1;
        for (int i = chunk * PIECE; i < end;) {
            long at = walk.offset(0, i, last);
            int run = Math.min(end - i, walk.dims()[last] - i % walk.dims()[last]);
            for (int j = 0; j < run; j++, i++, at += walk.strides()[0][last]) {
                long word = (offset + i) * wordsEach;
                if (word >>> 2 != number) {
                    number = word >>> 2;
                    Philox.block(seed, number, block);
                }
                int k = (int) (word & 3);
                store(at, block[k], block[k + wordsEach - 1]);
            }
        }
    }

    /// Element `at` from its words.
    void store(long at, int first, int second) {
        out.setDouble(at, draw.number(first, second));
    }
}
