package dev.gatun.ops;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Memory shared by a tensor and its views. It goes back to the pool when the last of them is closed, or, when nobody
/// closes them, when the garbage collector finds it unreachable. `giveBack` runs once and must not refer to the
/// storage, else it stays reachable for ever.
final class Storage {
    private final MemorySegment segment;
    private final Cleaner.@Nullable Cleanable lease;
    private final AtomicInteger references = new AtomicInteger(1);
    private final AtomicInteger version = new AtomicInteger();
    private final AtomicInteger history = new AtomicInteger();

    /// Memory on loan.
    Storage(MemorySegment segment, Cleaner cleaner, Runnable giveBack) {
        this.segment = segment;
        this.lease = cleaner.register(this, giveBack);
    }

    /// Memory of somebody else's.
    Storage(MemorySegment segment) {
        this.segment = segment;
        this.lease = null;
    }

    MemorySegment segment() {
        return segment;
    }

    void retain() {
        references.incrementAndGet();
    }

    void release() {
        if (references.decrementAndGet() == 0 && lease != null) {
            lease.clean();
        }
    }

    /// True when one tensor at most refers to this memory, so that writing to it surprises nobody.
    boolean isExclusive() {
        return references.get() == 1 && lease != null;
    }

    /// Counts the writes after the first filling: what the tape saved must still be what was saved.
    int version() {
        return version.get();
    }

    void written() {
        version.incrementAndGet();
    }

    /// Counts the recorded writes: a view taken before one does not know how its numbers came about.
    int history() {
        return history.get();
    }

    int rewritten() {
        return history.incrementAndGet();
    }
}
