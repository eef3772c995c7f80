package dev.gatun.kernels.thread;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One pool of `count − 1` daemon platform threads; the caller is the remaining worker. [#run] cuts nothing itself: each
/// worker has a share of neighbouring chunks, claims them one by one, and then helps the others from the ends of theirs, so
/// a preempted worker delays one chunk only. The same part of two tasks so falls to the same worker, which finds in its
/// caches what it has written. Waiting threads spin for at most 50 µs, then park. A dispatch allocates nothing.
///
/// Any number of threads may call [#run] at once. The pool serves one of them; the others do not wait, they do all
/// their chunks themselves, as do nested calls. Results must therefore never depend on who does what (see [Task]).
public final class Threads implements AutoCloseable {
    private static final long SPIN_NANOS = 50_000;
    /// Chunks of one run, at most: a share packs epoch, end and next chunk into one long.
    public static final int MAX_CHUNKS = (1 << 20) - 1;

    // Slots of `words`, two cache lines apart; the shares of the workers come last.
    private static final int LINES = 16;
    private static final int EPOCH = LINES;
    private static final int DONE = 2 * LINES;
    private static final int SHARES = 3 * LINES;

    private static final Task IDLE = (chunk, worker) -> {};

    private final AtomicLongArray words;
    private final AtomicBoolean owned = new AtomicBoolean();
    private final Worker[] workers;
    private Task task = IDLE;
    private int chunks;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    private Threads(int count) {
        words = new AtomicLongArray(SHARES + LINES * count);
        workers = new Worker[count - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
        for (Worker w : workers) {
            w.start();
        }
    }

    /// A pool for `count` workers, the caller included; 1 makes no thread at all.
    public static Threads of(int count) {
        if (count < 1 || count > 1024) {
            throw new IllegalArgumentException("threads: the count must be between 1 and 1024: " + count);
        }
        return new Threads(count);
    }

    /// A pool as large as the processors this JVM may use (cgroup limits respected).
    public static Threads all() {
        return of(Math.min(1024, Runtime.getRuntime().availableProcessors()));
    }

    /// Number of workers, the caller included.
    public int count() {
        return workers.length + 1;
    }

    /// Does chunks `0 … chunks − 1` and returns when all are done. The first failure is rethrown then.
    public void run(Task work, int chunks) {
        if (chunks > MAX_CHUNKS) {
            throw new IllegalArgumentException("threads: at most " + MAX_CHUNKS + " chunks: " + chunks);
        }
        if (closed) {
            throw new IllegalStateException("threads: the pool is closed");
        }
        if (chunks <= 1 || workers.length == 0 || !owned.compareAndSet(false, true)) {
            for (int i = 0; i < chunks; i++) {
                work.run(i, 0);
            }
            return;
        }
        try {
            share(work, chunks);
        } finally {
            owned.set(false);
        }
    }

    private void share(Task work, int chunks) {
        task = work;
        this.chunks = chunks;
        failure = null;
        words.set(DONE, 0);
        long epoch = words.get(EPOCH) + 1 & 0xFFFFFF;
        int end = 0;
        for (int w = 0; w < count(); w++) {
            int next = end;
            end += chunks / count() + (w < chunks % count() ? 1 : 0);
            words.set(SHARES + LINES * w, epoch << 40 | (long) end << 20 | next);
        }
        words.set(EPOCH, epoch);
        int helpers = Math.min(workers.length, chunks - 1);
        for (int i = 0; i < helpers; i++) {
            workers[i].wake();
        }
        claim(0);
        await(chunks);
        task = IDLE;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            Threads.<RuntimeException>rethrow(thrown);
        }
    }

    /// Takes chunks until none is left, its own first.
    private void claim(int worker) {
        for (int i = 0; i < count(); i++) {
            claim((worker + i) % count(), worker);
        }
    }

    /// Takes all chunks of a share, one by one; from its end where it is another's. The task read between reading and
    /// swapping the share belongs to it: it is replaced only after all chunks are claimed and done, and then the swap fails.
    private void claim(int owner, int worker) {
        int at = SHARES + LINES * owner;
        while (true) {
            long share = words.get(at);
            int next = (int) (share & 0xFFFFF);
            int end = (int) (share >>> 20 & 0xFFFFF);
            if (next >= end) {
                return;
            }
            Task current = task;
            boolean own = owner == worker;
            if (words.compareAndSet(at, share, own ? share + 1 : share - (1L << 20))) {
                run(current, own ? next : end - 1, worker);
            }
        }
    }

    private void run(Task current, int chunk, int worker) {
        try {
            current.run(chunk, worker);
        } catch (Throwable t) {
            failure = t;
        }
        // Read before the last chunk counts as done: from then on another run may begin.
        int chunks = this.chunks;
        if (words.incrementAndGet(DONE) == chunks && worker != 0) {
            Thread owner = waiting;
            if (owner != null) {
                LockSupport.unpark(owner);
            }
        }
    }

    private void await(int chunks) {
        if (words.get(DONE) == chunks) {
            return;
        }
        long start = System.nanoTime();
        boolean interrupted = false;
        while (words.get(DONE) != chunks) {
            if (System.nanoTime() - start < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                waiting = Thread.currentThread();
                if (words.get(DONE) != chunks) {
                    LockSupport.park(this);
                    interrupted |= Thread.interrupted();
                }
            }
        }
        waiting = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void rethrow(Throwable t) throws T {
        throw (T) t;
    }

    /// Ends the threads; work under way finishes. A later [#run] throws [IllegalStateException].
    @Override
    public void close() {
        closed = true;
        for (Worker w : workers) {
            LockSupport.unpark(w);
        }
    }

    private final class Worker extends Thread {
        private final int number;
        private volatile boolean parked;

        Worker(int number) {
            super("gatun-" + number);
            this.number = number;
            setDaemon(true);
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            long seen = 0;
            long idleSince = System.nanoTime();
            while (!closed) {
                long epoch = words.get(EPOCH);
                if (epoch != seen) {
                    seen = epoch;
                    claim(number);
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (words.get(EPOCH) == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                    idleSince = System.nanoTime();
                }
            }
        }
    }
}
