package dev.gatun.nn;

import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// A module compiled for inference: traced in evaluation mode, batch norm folded into the weights before it, bias,
/// residual and activation computed where products are stored, weights packed once, all intermediate results placed in
/// one slab, kernels warmed. It keeps a copy of the weights: later changes to the module do not reach it.
///
/// [#run(MemorySegment, MemorySegment)] may be called by any number of threads; it allocates nothing on the heap and
/// gives the same bits for any number of threads. Callers beyond [SessionBuilder#callers] wait for one another. It copies
/// input and output; a [Binding] does not.
///
/// ```java
/// try (Session session = Session.compile(model, Shape.of(1, 1, 8, 8))) {
///     session.run(image, scores);
/// }
/// ```
public final class Session implements AutoCloseable {
    private final Variant[] variants;
    private final int callers;
    private final Semaphore permits;
    private final @Nullable Runnable release;
    private final Set<Binding> bindings = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Session(List<Variant> variants, int callers, @Nullable Runnable release) {
        this.variants = variants.toArray(Variant[]::new);
        this.callers = callers;
        this.permits = new Semaphore(callers);
        this.release = release;
    }

    /// Compiles `module` for F32 inputs of exactly this shape, batch included, with all defaults of [SessionBuilder].
    public static Session compile(Module module, Shape input) {
        return builder(module).input(input).build();
    }

    /// Starts describing a session.
    public static SessionBuilder builder(Module module) {
        return new SessionBuilder(module);
    }

    /// Computes `out` from `in`, both row-major of one of the compiled shapes and its types, in any kind of segment. Throws
    /// IllegalArgumentException when the sizes fit none, IllegalStateException when closed; nothing is written then.
    public void run(MemorySegment in, MemorySegment out) {
        Variant variant = variant(in.byteSize(), out.byteSize());
        enter();
        try {
            variant.run(in, 0, out, 0);
        } finally {
            permits.release();
        }
    }

    /// Computes `out` from several inputs, all row-major, of the types and shapes of one of the compiled plans.
    public void run(MemorySegment[] in, MemorySegment out) {
        Variant variant = variant(in, out.byteSize());
        enter();
        try {
            variant.run(in, out);
        } finally {
            permits.release();
        }
    }

    /// The result for several inputs as a new tensor; convenient, but allocates it.
    public Tensor run(List<Tensor> in) {
        for (Variant v : variants) {
            if (fits(v, in)) {
                Tensor out = in.getFirst().engine().call(() -> Tensor.zeros(v.output().dims()));
                List<Tensor> rows = in.stream().map(Tensor::contiguous).toList();
                for (int i = 0; i < rows.size(); i++) {
                    v.checkInput(i, rows.get(i));
                }
                run(rows.stream().map(t -> t.view().bytes()).toArray(MemorySegment[]::new), out.view().bytes());
                return out;
            }
        }
        checkOpen();
        throw new IllegalArgumentException("session: these input shapes were not compiled: "
                + in.stream().map(Tensor::shape).toList() + "; compiled are " + shapes());
    }

    private static boolean fits(Variant v, List<Tensor> in) {
        boolean fits = v.inputs() == in.size();
        for (int i = 0; fits && i < in.size(); i++) {
            fits = v.input(i).shape().equals(in.get(i).shape());
        }
        return fits;
    }

    private Variant variant(MemorySegment[] in, long outBytes) {
        for (Variant v : variants) {
            boolean fits = v.inputs() == in.length && v.outputBytes() == outBytes;
            for (int i = 0; fits && i < in.length; i++) {
                fits = v.inputBytes(i) == in[i].byteSize();
            }
            if (fits) {
                return v;
            }
        }
        checkOpen();
        throw new IllegalArgumentException(
                "session: no compiled plan has " + in.length + " inputs and an output of these"
                        + " sizes; compiled are " + shapes());
    }

    /// Computes `out` from `in`, contiguous tensors of one of the compiled shapes.
    public void run(Tensor in, Tensor out) {
        Variant variant = variant(in, out);
        enter();
        try {
            variant.run(in.view().segment(), in.view().offset(), out.view().segment(), out.view().offset());
        } finally {
            permits.release();
        }
    }

    /// The result for `in` as a new tensor; convenient, but allocates it.
    public Tensor run(Tensor in) {
        for (Variant v : variants) {
            if (v.inputs() == 1 && v.input().equals(in.shape())) {
                Tensor out = in.engine().call(() -> Tensor.zeros(v.output().dims()));
                run(in.contiguous(), out);
                return out;
            }
        }
        throw new IllegalArgumentException(
                "session: the input shape was not compiled: " + in.shape() + "; compiled are "
                        + shapes());
    }

    /// Input and output memory for one caller, on which the session computes without copying either. Without `inputs` for the
    /// only compiled plan, else for the one whose inputs have these shapes. Throws IllegalArgumentException when there is no such
    /// plan, IllegalStateException when closed.
    public Binding bind(Shape... inputs) {
        enter();
        try {
            Binding binding = new Binding(this, planOf(inputs).shown());
            bindings.add(binding);
            return binding;
        } finally {
            permits.release();
        }
    }

    private Variant planOf(Shape... inputs) {
        if (inputs.length == 0 && variants.length == 1) {
            return variants[0];
        }
        for (Variant v : variants) {
            if (v.takes(List.of(inputs))) {
                return v;
            }
        }
        throw new IllegalArgumentException((inputs.length == 0
                ? "bind: there are several plans, name the input shapes of one"
                : "bind: these input shapes were not compiled: " + List.of(inputs)) + "; compiled are " + shapes());
    }

    void forget(Binding binding) {
        bindings.remove(binding);
    }

    private void enter() {
        checkOpen();
        if (!permits.tryAcquire()) {
            permits.acquireUninterruptibly();
        }
        if (closed) {
            permits.release();
            checkOpen();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("session: used after it was closed");
        }
    }

    private Variant variant(long inBytes, long outBytes) {
        for (Variant v : variants) {
            if (v.inputs() == 1 && v.inputBytes(0) == inBytes) {
                if (v.outputBytes() == outBytes) {
                    return v;
                }
                throw new IllegalArgumentException("session: the output for " + v.input() + " is " + v.output() + ", "
                        + v.outputBytes() + " bytes, but the segment has " + outBytes);
            }
        }
        checkOpen();
        throw new IllegalArgumentException("session: no compiled input has " + inBytes + " bytes; compiled are "
                + shapes());
    }

    private Variant variant(Tensor in, Tensor out) {
        for (Variant v : variants) {
            if (v.inputs() == 1 && v.input().equals(in.shape()) && v.output().equals(out.shape())) {
                v.checkInput(0, in);
                v.checkOutput(out);
                return v;
            }
        }
        checkOpen();
        throw new IllegalArgumentException("session: these shapes were not compiled: input " + in.shape() + ", output "
                + out.shape() + "; compiled are " + shapes());
    }

    private String shapes() {
        return String.join(", ", Arrays.stream(variants).map(v -> v.inputShapes() + " -> " + v.output()).toList());
    }

    /// The compiled input shapes, in the order given.
    public List<Shape> inputs() {
        return Arrays.stream(variants).map(Variant::input).toList();
    }

    /// The output shape for one of the compiled input shapes.
    public Shape output(Shape input) {
        for (Variant v : variants) {
            if (v.input().equals(input)) {
                return v.output();
            }
        }
        throw new IllegalArgumentException("session: the input shape was not compiled: " + input + "; compiled are "
                + shapes());
    }

    /// The steps of the plan for the first input shape, one per line.
    public String describe() {
        return variants[0].describe();
    }

    /// Where the time goes: a table of the kernel calls for the first input shape, each with its kernel, result, time,
    /// GFLOP/s and share of the measured peak, timed now on zeros, as [dev.gatun.ops.graph.Explanation] says; takes a second and some runs.
    /// Throws IllegalStateException when closed.
    public String explain() {
        enter();
        try {
            return variants[0].explain();
        } finally {
            permits.release();
        }
    }

    /// Waits for the callers that are inside, then gives memory and threads back, that of bindings too. A later call to run throws
    /// [IllegalStateException]; closing twice does nothing.
    @Override
    public void close() {
        synchronized (permits) {
            if (closed) {
                return;
            }
            closed = true;
        }
        permits.acquireUninterruptibly(callers);
        try {
            bindings.forEach(Binding::end);
            for (Variant v : variants) {
                v.close();
            }
            if (release != null) {
                release.run();
            }
        } finally {
            permits.release(callers);
        }
    }
}
