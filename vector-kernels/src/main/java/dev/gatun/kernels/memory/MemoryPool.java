package dev.gatun.kernels.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Off-heap memory by the block. Sizes are rounded up to classes (64 B steps, then four per power of two, at most a
/// quarter wasted); a block given back waits in its class for the next loan, so steady work asks the system for
/// nothing. Small blocks are cut from 4 MiB slabs; blocks of 1 MiB and more have an arena of their own and are returned
/// to the system when the budget demands it (closing a shared arena costs tens of µs, so never otherwise).
///
/// Thread-safe. A debug pool records where each block was allocated, fills freed blocks with NaN (all bits set) and
/// lists what is still on loan.
public final class MemoryPool implements AutoCloseable {
    static final long ALIGNMENT = 64;
    private static final long SLAB = 4L << 20;
    private static final long LARGE = 1L << 20;
    private static final byte POISON = (byte) 0xFF;

    /// Memory of one size class; `arena` is null for a piece of a slab.
    record Cell(MemorySegment segment, @Nullable Arena arena) {}

    private final long budget;
    private final boolean debug;
    private final Map<Long, ArrayDeque<Cell>> free = new TreeMap<>();
    private final Map<String, Long> holders = new HashMap<>();
    private final Set<Block> loans = new HashSet<>();
    private final List<Arena> slabs = new ArrayList<>();
    private @Nullable MemorySegment slab;
    private long slabUsed;
    private long used;
    private long peak;
    private long reserved;
    private long blocks;
    private long acquisitions;
    private long reuses;
    private boolean closed;

    /// A pool that reserves at most `budget` bytes; `debug` as in the class comment.
    public MemoryPool(long budget, boolean debug) {
        if (budget <= 0) {
            throw new IllegalArgumentException("memory: the budget must be positive: " + budget);
        }
        this.budget = budget;
        this.debug = debug;
    }

    /// Lends `bytes` bytes (0 is allowed) to `label`. Throws [OutOfBudgetException] when the budget is spent.
    public Block acquire(long bytes, String label) {
        return acquire(bytes, label, false);
    }

    /// The same, filled with zeros, for memory that is shown to callers: it is never lent again but returned to the system by
    /// [Block#release], after which any access to it throws [IllegalStateException].
    public Block acquireAlone(long bytes, String label) {
        return acquire(bytes, label, true);
    }

    private Block acquire(long bytes, String label, boolean alone) {
        if (bytes < 0) {
            throw new IllegalArgumentException("memory: bytes must not be negative: " + bytes);
        }
        Throwable site = debug ? new Throwable("allocated here") : null;
        long size = sizeClass(bytes);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("memory: the pool is closed");
            }
            ArrayDeque<Cell> waiting = alone ? null : free.get(size);
            Cell cell = waiting == null ? null : waiting.pollLast();
            if (cell == null) {
                cell = alone ? reserveAlone(size, label) : reserve(size, label);
            } else {
                reuses++;
            }
            Block block = new Block(this, cell, bytes, label, site, alone);
            acquisitions++;
            blocks++;
            used += size;
            peak = Math.max(peak, used);
            holders.merge(label, size, Long::sum);
            if (debug) {
                loans.add(block);
            }
            return block;
        }
    }

    void takeBack(Block block) {
        Cell cell = block.cell;
        synchronized (this) {
            if (debug && cell.segment.scope().isAlive()) {
                cell.segment.fill(POISON);
            }
            long size = cell.segment.byteSize();
            used -= size;
            blocks--;
            holders.merge(block.label(), -size, (x, y) -> x + y == 0 ? null : x + y);
            loans.remove(block);
            if (closed) {
                close(cell);
            } else if (block.alone) {
                close(cell);
                reserved -= size;
            } else {
                free.computeIfAbsent(size, s -> new ArrayDeque<>()).addLast(cell);
            }
        }
    }

    static long sizeClass(long bytes) {
        long size = Math.max(ALIGNMENT, bytes);
        long step = Math.max(ALIGNMENT, Long.highestOneBit(size) >>> 2);
        return Math.addExact(size, step - 1) / step * step;
    }

    private Cell reserve(long size, String label) {
        if (size >= LARGE) {
            return reserveAlone(size, label);
        }
        MemorySegment current = slab;
        if (current == null || slabUsed + size > SLAB) {
            makeRoom(SLAB, label);
            Arena arena = Arena.ofShared();
            slabs.add(arena);
            current = arena.allocate(SLAB, ALIGNMENT);
            slab = current;
            slabUsed = 0;
            reserved += SLAB;
        }
        Cell cell = new Cell(current.asSlice(slabUsed, size, ALIGNMENT), null);
        slabUsed += size;
        return cell;
    }

    private Cell reserveAlone(long size, String label) {
        makeRoom(size, label);
        Arena arena = Arena.ofShared();
        reserved += size;
        return new Cell(arena.allocate(size, ALIGNMENT), arena);
    }

    /// Returns waiting large blocks to the system until `size` more bytes fit, largest classes first.
    private void makeRoom(long size, String label) {
        if (reserved + size <= budget) {
            return;
        }
        List<Long> classes = new ArrayList<>(free.keySet()).reversed();
        for (long c : classes) {
            ArrayDeque<Cell> waiting = free.getOrDefault(c, new ArrayDeque<>());
            while (c >= LARGE && reserved + size > budget && !waiting.isEmpty()) {
                close(waiting.pollLast());
                reserved -= c;
            }
        }
        if (reserved + size > budget) {
            throw new OutOfBudgetException(
                    "memory: " + size + " bytes for '" + label + "' do not fit into the budget of "
                            + budget + " bytes (" + used + " in use); largest holders: " + largestHolders()
                            + "; raise the budget, or free tensors earlier (a Scope, a smaller batch)");
        }
    }

    private static void close(Cell cell) {
        Arena arena = cell.arena;
        if (arena != null) {
            arena.close();
        }
    }

    private String largestHolders() {
        StringBuilder text = new StringBuilder();
        holders.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(5)
                .forEach(e -> text.append(text.isEmpty() ? "" : ", ").append(e.getKey()).append(' ')
                        .append(e.getValue()));
        return text.isEmpty() ? "none" : text.toString();
    }

    /// The figures of this moment.
    public synchronized MemoryStatistics statistics() {
        return new MemoryStatistics(used, peak, reserved, budget, blocks, acquisitions, reuses);
    }

    /// One line per block on loan, with its allocation site; empty when nothing is, or the pool is not a debug pool.
    public synchronized List<String> leaks() {
        return loans.stream().map(MemoryPool::describe).sorted().toList();
    }

    private static String describe(Block block) {
        Throwable site = block.site();
        StackTraceElement[] frames = site == null ? new StackTraceElement[0] : site.getStackTrace();
        StringBuilder text = new StringBuilder(block.toString());
        for (int i = 1; i < Math.min(frames.length, 9); i++) {
            text.append(i == 1 ? " at " : " < ").append(frames[i]);
        }
        return text.toString();
    }

    /// Returns memory to the system: at once the slabs (small blocks still on loan throw [IllegalStateException] when
    /// touched), large blocks on loan when they are given back. No other thread may be computing on them.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        free.values().forEach(cells -> cells.forEach(MemoryPool::close));
        free.clear();
        slabs.forEach(Arena::close);
        slabs.clear();
        slab = null;
        reserved = used;
    }
}
