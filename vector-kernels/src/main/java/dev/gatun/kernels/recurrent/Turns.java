package dev.gatun.kernels.recurrent;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// Who takes which share of a step. Chunks go to whoever comes first; here a worker takes the share of its own number when
/// that is still free, so that the weights of a share stay in the cache of one core from step to step. Nobody waits for an
/// absent worker: its share goes to another one.
final class Turns {
    private final AtomicIntegerArray taken;
    private int step;

    /// For steps of this many shares.
    Turns(int shares) {
        taken = new AtomicIntegerArray(shares);
    }

    /// Before the chunks of a step are handed out.
    void next() {
        step++;
    }

    /// A share that nobody else has in this step; there is one for each chunk.
    int take(int worker) {
        int count = taken.length();
        for (int i = worker % count;; i = (i + 1) % count) {
            int last = taken.get(i);
            if (last != step && taken.compareAndSet(i, last, step)) {
                return i;
            }
        }
    }
}
