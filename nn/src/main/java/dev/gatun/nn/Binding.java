package dev.gatun.nn;

import dev.gatun.ops.graph.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Memory of one caller for the inputs and the output of a [Session], which computes on it as it lies: nothing is copied.
/// Worth it where inputs or outputs are large beside the work; made once, used for many requests.
///
/// ```java
/// try (Binding request = session.bind()) {
///     request.input().copyFrom(image);
///     request.run();
///     float first = request.output().get(ValueLayout.JAVA_FLOAT, 0);
/// }
/// ```
///
/// One caller at a time: each takes a binding of its own. Segments are row-major, 64-byte aligned, zero at first, and end with
/// the binding: access after [#close], or after the session's, throws IllegalStateException.
public final class Binding implements AutoCloseable {
    private static final long PATIENCE_NANOS = 50_000;

    private final Session session;
    private final Workspace workspace;
    private final AtomicBoolean busy = new AtomicBoolean();
    /// Written by who holds `busy`.
    private volatile boolean released;

    Binding(Session session, Workspace workspace) {
        this.session = session;
        this.workspace = workspace;
    }

    /// The only input, or the first.
    public MemorySegment input() {
        return input(0);
    }

    /// Memory of input `index`; [#run] reads it and leaves it as it is.
    public MemorySegment input(int index) {
        return workspace.input(index);
    }

    /// Memory of the output, valid until the next [#run].
    public MemorySegment output() {
        return workspace.output(0);
    }

    /// Computes the output from the inputs; allocates nothing, and shares nothing with other callers, whom it does not count
    /// among ([SessionBuilder#callers]). Throws IllegalStateException when closed, or when another thread is inside this
    /// binding; nothing is written then.
    public void run() {
        own();
        try {
            workspace.run();
        } finally {
            busy.set(false);
        }
    }

    private void own() {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "binding: another thread is using it; each caller needs a binding of its own");
        }
        if (released) {
            busy.set(false);
            throw new IllegalStateException("binding: used after it was closed");
        }
    }

    /// Gives the memory back; closing twice does nothing. Throws IllegalStateException while another thread is inside.
    @Override
    public void close() {
        if (released) {
            return;
        }
        own();
        try {
            session.forget(this);
            release();
        } finally {
            busy.set(false);
        }
    }

    private void release() {
        released = true;
        workspace.close();
    }

    /// Closes for a session that makes no bindings any more, after the thread that is inside.
    void end() {
        while (!busy.compareAndSet(false, true)) {
            LockSupport.parkNanos(PATIENCE_NANOS);
        }
        try {
            if (!released) {
                release();
            }
        } finally {
            busy.set(false);
        }
    }
}
