package dev.gatun.ops;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stretch of work on one thread: tensors made inside go back to the pool at its end, unless kept. Used with
/// try-with-resources; scopes of a thread nest.
///
/// ```java
/// try (Scope scope = engine.scope()) {
///     loss = scope.keep(model.forward(x).mean());
/// }
/// ```
///
/// Gradients of leaves, and what [Tensor#unscoped] took out, belong to no scope.
public final class Scope implements AutoCloseable {
    private final Engine engine;
    private final Thread thread = Thread.currentThread();
    private final @Nullable Scope outer;
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private boolean closed;

    Scope(Engine engine, @Nullable Scope outer) {
        this.engine = engine;
        this.outer = outer;
    }

    void add(Tensor tensor) {
        tensor.scope = this;
        tensors.add(tensor);
    }

    void add(Node node) {
        node.scope = this;
        nodes.add(node);
    }

    /// Lets `tensor` live on after this scope: it moves to the enclosing scope, or, when there is none, lives until it
    /// is closed or unreachable. What its gradient still needs moves along. Tensors of other scopes are left alone.
    /// Returns it.
    public Tensor keep(Tensor tensor) {
        if (tensor.scope == this) {
            tensor.scope = null;
            if (outer != null) {
                outer.add(tensor);
            }
            keepTape(tensor);
        }
        return tensor;
    }

    void keepTape(Tensor tensor) {
        List<Node> stack = new ArrayList<>();
        if (tensor.source() instanceof Source.Output o) {
            stack.add(o.node());
        }
        while (!stack.isEmpty()) {
            Node node = stack.removeLast();
            if (node.scope == this) {
                node.scope = null;
                if (outer != null) {
                    outer.add(node);
                }
                node.producers().forEach(stack::add);
            }
        }
    }

    /// Ends the scope: everything made in it and not kept is freed. Throws [IllegalStateException] on another thread
    /// than the one that opened it, or while an inner scope is open. The second time does nothing.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("scope: closed by thread '" + Thread.currentThread().getName()
                    + "', opened by '" + thread.getName() + "'");
        }
        engine.leave(this, outer);
        closed = true;
        for (Node node : nodes) {
            if (node.scope == this) {
                node.free();
            }
        }
        for (Tensor tensor : tensors) {
            if (tensor.scope == this) {
                tensor.close();
            }
        }
        nodes.clear();
        tensors.clear();
    }
}
