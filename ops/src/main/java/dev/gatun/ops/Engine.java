package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.memory.MemoryPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What tensors live on: kernels to compute with, memory to live in, and switches. Tensors of two engines do not mix.
/// Most programs use [#standard] without naming it; [#run] binds another one for a stretch of code.
///
/// Thread-safe; a [Scope] belongs to the thread that opened it.
public final class Engine implements AutoCloseable {
    private static final ScopedValue<Engine> BOUND = ScopedValue.newInstance();

    private final Kernels kernels;
    private final boolean ownsThreads;
    private final boolean checkNumbers;
    private final Lender lender;
    private final ThreadLocal<@Nullable Scope> scopes = new ThreadLocal<>();
    private final AtomicLong sequence = new AtomicLong();
    private volatile boolean closed;

    Engine(Kernels kernels, boolean ownsThreads, MemoryPool pool, boolean checkNumbers) {
        this.kernels = kernels;
        this.ownsThreads = ownsThreads;
        this.lender = new Lender(pool);
        this.checkNumbers = checkNumbers;
    }

    /// Starts describing an engine.
    public static EngineBuilder builder() {
        return new EngineBuilder();
    }

    /// The engine that is used when none is bound: the best kernels on all processors, made at the first call and never
    /// closed.
    public static Engine standard() {
        return Standard.ENGINE;
    }

    private static final class Standard {
        static final Engine ENGINE = builder().build();
    }

    /// The engine bound by [#run] or [#call] around this code, else [#standard].
    public static Engine current() {
        return BOUND.isBound() ? BOUND.get() : standard();
    }

    /// Runs `work` with this engine as the [#current] one.
    public void run(Runnable work) {
        ScopedValue.where(BOUND, this).run(work);
    }

    /// Computes `work` with this engine as the [#current] one.
    public <T> T call(Supplier<T> work) {
        return ScopedValue.where(BOUND, this).<T, RuntimeException>call(work::get);
    }

    /// The kernels.
    public Kernels kernels() {
        return kernels;
    }

    /// The memory, with its statistics.
    public MemoryPool memory() {
        return lender.pool();
    }

    /// True when every result is searched for NaN (see [EngineBuilder#checkNumbers]).
    public boolean checksNumbers() {
        return checkNumbers;
    }

    /// Runs a call of this engine's kernels on scratch memory from its pool; `label` names it among the holders.
    public void compute(Call call, String label) {
        Eager.compute(this, call, label);
    }

    /// Opens a [Scope] on this thread.
    public Scope scope() {
        Scope scope = new Scope(this, scopes.get());
        scopes.set(scope);
        return scope;
    }

    @Nullable
    Scope currentScope() {
        return scopes.get();
    }

    void leave(Scope scope, @Nullable Scope outer) {
        if (scopes.get() != scope) {
            throw new IllegalStateException("scope: an inner scope is still open; close scopes innermost first");
        }
        if (outer == null) {
            scopes.remove();
        } else {
            scopes.set(outer);
        }
    }

    Lender lender() {
        return lender;
    }

    long nextSequence() {
        return sequence.getAndIncrement();
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("engine: used after it was closed");
        }
    }

    /// Returns memory and threads; tensors of this engine are unusable afterwards. No other thread may be computing.
    /// The second time does nothing. Threads that came with given kernels stay open.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (this == Standard.ENGINE) {
            throw new IllegalStateException("engine: the standard engine is shared and stays open");
        }
        closed = true;
        lender.pool().close();
        if (ownsThreads) {
            kernels.threads().close();
        }
    }
}
