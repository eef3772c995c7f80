package dev.gatun.ops;

import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.kernels.memory.OutOfBudgetException;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Memory for tensors. Tensors outside scopes come back when the garbage collector finds them, but the collector does
/// not see off-heap bytes: so when much has been lent since the last look, or the budget is spent, the lender asks for
/// a collection and gives the cleaner a moment.
final class Lender {
    private static final long FIRST_LOOK = 512L << 20;
    private static final int PATIENCE = 20;
    private static final long PAUSE_NANOS = 1_000_000;

    private final MemoryPool pool;
    private final Cleaner cleaner = Cleaner.create(work -> {
        Thread thread = new Thread(work, "gatun-cleaner");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong lent = new AtomicLong();
    private final AtomicLong nextLook = new AtomicLong(FIRST_LOOK);

    Lender(MemoryPool pool) {
        this.pool = pool;
    }

    MemoryPool pool() {
        return pool;
    }

    /// Memory for a tensor made by `label`.
    Storage lend(long bytes, String label) {
        long look = nextLook.get();
        if (lent.get() + bytes > look && nextLook.compareAndSet(look, Long.MAX_VALUE)) {
            collect();
            nextLook.set(Math.max(FIRST_LOOK, 2 * lent.get()));
        }
        Block block = acquire(bytes, label);
        lent.addAndGet(bytes);
        return new Storage(block.segment(), cleaner, new GiveBack(block, lent));
    }

    private record GiveBack(Block block, AtomicLong lent) implements Runnable {
        @Override
        public void run() {
            lent.addAndGet(-block.bytes());
            block.release();
        }
    }

    /// Memory for a moment; the caller releases it.
    Block acquire(long bytes, String label) {
        try {
            return pool.acquire(bytes, label);
        } catch (OutOfBudgetException spent) {
            for (int i = 0; i < 3; i++) {
                if (collect()) {
                    try {
                        return pool.acquire(bytes, label);
                    } catch (OutOfBudgetException again) {
                        spent = again;
                    }
                }
            }
            throw spent;
        }
    }

    /// Asks for a collection and waits, for 20 ms at most, until memory stops coming back; true when some did.
    private boolean collect() {
        long before = lent.get();
        System.gc();
        long last = before;
        for (int i = 0; i < PATIENCE; i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            long now = lent.get();
            if (now == last && now < before) {
                break;
            }
            last = now;
        }
        return lent.get() < before;
    }
}
