package dev.gatun.ops;

import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.kernels.thread.Threads;
import org.jspecify.annotations.Nullable;

/// Describes an [Engine] step by step; what is not said is as in [Engine#standard].
public final class EngineBuilder {
    private @Nullable Kernels kernels;
    private @Nullable Winograd winograd;
    private int threads;
    private long memoryBudget = Runtime.getRuntime().maxMemory();
    private boolean debug;
    private boolean checkNumbers;

    EngineBuilder() {}

    /// Number of workers, the caller included; default all processors. Not together with [#kernels].
    public EngineBuilder threads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("engine: threads must be at least 1: " + count);
        }
        threads = count;
        return this;
    }

    /// The kernels to compute with, their threads included; they stay the caller's to close.
    public EngineBuilder kernels(Kernels given) {
        kernels = given;
        return this;
    }

    /// Which of Winograd's algorithms convolutions may use; the default is [Winograd#F2], or what the given [#kernels]
    /// allow.
    public EngineBuilder winograd(Winograd allowed) {
        winograd = allowed;
        return this;
    }

    /// The most bytes of off-heap memory; default is as much as the Java heap may take.
    public EngineBuilder memoryBudget(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("engine: the memory budget must be positive: " + bytes);
        }
        memoryBudget = bytes;
        return this;
    }

    /// Records where memory was allocated and fills freed memory with NaN.
    public EngineBuilder debug(boolean on) {
        debug = on;
        return this;
    }

    /// Searches every floating-point result for NaN and throws [ArithmeticException] naming the operation that made the
    /// first one. Costs one more pass over each result.
    public EngineBuilder checkNumbers(boolean on) {
        checkNumbers = on;
        return this;
    }

    /// Makes the engine. Throws [IllegalStateException] when threads and kernels are both given.
    public Engine build() {
        Kernels given = kernels;
        if (given != null && threads != 0) {
            throw new IllegalStateException("engine: the given kernels bring their threads; say threads or kernels");
        }
        MemoryPool pool = new MemoryPool(memoryBudget, debug);
        if (given != null) {
            return new Engine(allow(given), false, pool, checkNumbers);
        }
        Threads own = threads == 0 ? Threads.all() : Threads.of(threads);
        Kernels best = null;
        try {
            best = Kernels.best(own);
            return new Engine(allow(best), true, pool, checkNumbers);
        } finally {
            if (best == null || !best.threads().equals(own)) {
                own.close();
            }
        }
    }

    private Kernels allow(Kernels all) {
        Winograd allowed = winograd;
        return allowed == null ? all : all.with(allowed);
    }
}
