package dev.gatun.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Memory on loan from a [MemoryPool]: 64-byte aligned, with unspecified content. Given back by [#release], at most
/// once.
public final class Block {
    private final MemoryPool pool;
    final MemoryPool.Cell cell;
    private final long bytes;
    private final String label;
    private final @Nullable Throwable site;
    /// True for memory that is not lent again.
    final boolean alone;
    private final AtomicBoolean released = new AtomicBoolean();

    Block(MemoryPool pool, MemoryPool.Cell cell, long bytes, String label, @Nullable Throwable site, boolean alone) {
        this.pool = pool;
        this.cell = cell;
        this.bytes = bytes;
        this.label = label;
        this.site = site;
        this.alone = alone;
    }

    /// The memory, at least [#bytes] long; throws [IllegalStateException] after [#release].
    public MemorySegment segment() {
        if (released.get()) {
            throw new IllegalStateException("memory: '" + label + "' is used after it was freed");
        }
        return cell.segment();
    }

    /// Bytes asked for.
    public long bytes() {
        return bytes;
    }

    /// Who asked.
    public String label() {
        return label;
    }

    /// True after [#release].
    public boolean isReleased() {
        return released.get();
    }

    /// Gives the memory back; throws [IllegalStateException] the second time.
    public void release() {
        if (!released.compareAndSet(false, true)) {
            throw new IllegalStateException("memory: '" + label + "' is freed twice");
        }
        pool.takeBack(this);
    }

    /// Where it was allocated (debug pools only), else null.
    public @Nullable Throwable site() {
        return site;
    }

    @Override
    public String toString() {
        return label + " " + bytes + " B";
    }
}
