package dev.gatun.kernels.thread;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One pool of `count − 1` daemon platform threads; the caller is the remaining worker. [#run] cuts nothing itself: the
/// task's chunks are claimed one by one, so a preempted worker delays one chunk only. Waiting threads spin for at most
/// 50 µs, then park. A dispatch allocates nothing.
///
/// Any number of threads may call [#run] at once. The pool serves one of them; the others do not wait, they do all
/// their chunks themselves, as do nested calls. Results must therefore never depend on who does what (see [Task]).
public final class Threads implements AutoCloseable {
    private static final long SPIN_NANOS = 50_000;
    /// Chunks of one run, at most: the claim state packs epoch, chunk count and next chunk into one long.
    public static final int MAX_CHUNKS = (1 << 20) - 1;

    // Slots of `words`, a cache line or more apart.
    private static final int CLAIM = 16;
    private static final int DONE = 48;

    private static final Task IDLE = (chunk, worker) -> {};

    private final AtomicLongArray words = new AtomicLongArray(64);
    private final AtomicBoolean owned = new AtomicBoolean();
    private final Worker[] workers;
    private Task task = IDLE;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    private Threads(int count) {
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
        failure = null;
        words.set(DONE, 0);
        long epoch = (words.get(CLAIM) >>> 40) + 1 & 0xFFFFFF;
        words.set(CLAIM, epoch << 40 | (long) chunks << 20);
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

    /// Takes chunks until none is left. The task read between reading and swapping the state belongs to that state: it
    /// is replaced only after all chunks are claimed and done, and then the swap fails.
    private boolean claim(int worker) {
        boolean any = false;
        while (true) {
            long state = words.get(CLAIM);
            int next = (int) (state & 0xFFFFF);
            int chunks = (int) (state >>> 20 & 0xFFFFF);
            if (next >= chunks) {
                return any;
            }
            Task current = task;
            if (words.compareAndSet(CLAIM, state, state + 1)) {
                any = true;
                try {
                    current.run(next, worker);
                } catch (Throwable t) {
                    failure = t;
                }
                if (words.incrementAndGet(DONE) == chunks && worker != 0) {
                    Thread owner = waiting;
                    if (owner != null) {
                        LockSupport.unpark(owner);
                    }
                }
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
            long idleSince = System.nanoTime();
            while (!closed) {
                if (claim(number)) {
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (!hasWork() && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                    idleSince = System.nanoTime();
                }
            }
        }

        private boolean hasWork() {
            long state = words.get(CLAIM);
            return (state & 0xFFFFF) < (state >>> 20 & 0xFFFFF);
        }
    }
}
