package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.memory.Block;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// Runs an operation at once: infer, allocate, compute, record.
public final class Eager {
    private static final ScopedValue<OpListener> LISTENER = ScopedValue.newInstance();

    private Eager() {}

    /// Computes `work` while `listener` hears of every operation on this thread.
    public static <T> T listen(OpListener listener, Supplier<T> work) {
        return ScopedValue.where(LISTENER, listener).<T, RuntimeException>call(work::get);
    }

    static List<Tensor> run(Op op, List<Tensor> inputs) {
        Engine engine = engine(op, inputs);
        List<View> in = operands(op, inputs);
        List<Signature> signatures = op.infer(signatures(inputs));
        List<Tensor> outputs;
        try {
            if (op instanceof ViewOp view) {
                outputs = List.of(inputs.getFirst().viewed(view.apply(in.getFirst())));
            } else {
                outputs = compute(engine, op, in, signatures, !isDeferred(engine, inputs));
            }
        } finally {
            // Kernels see memory, not tensors: without this an operand that nobody uses afterwards could be collected,
            // and its memory lent to somebody else, while the kernel still reads it.
            Reference.reachabilityFence(inputs);
        }
        record(engine, op, inputs, outputs);
        if (LISTENER.isBound()) {
            LISTENER.get().ran(op, inputs, outputs);
        }
        return outputs;
    }

    private static boolean isDeferred(Engine engine, List<Tensor> inputs) {
        return LISTENER.isBound() && !engine.checksNumbers() && LISTENER.get().defers(inputs);
    }

    /// Tells the listener, if there is one, that the program reads the numbers of `tensor`.
    static void reads(Tensor tensor) {
        if (LISTENER.isBound()) {
            LISTENER.get().reads(tensor);
        }
    }

    /// Tells the listener, if there is one, of another handle.
    static Tensor alias(Tensor tensor, Tensor alias) {
        if (LISTENER.isBound()) {
            LISTENER.get().aliases(tensor, alias);
        }
        return alias;
    }

    /// Outputs for `signatures`, filled when `now`.
    private static List<Tensor> compute(
            Engine engine, Op op, List<View> in, List<Signature> signatures, boolean now) {
        List<Tensor> outputs = new ArrayList<>();
        boolean done = false;
        try {
            for (Signature s : signatures) {
                outputs.add(Tensor.allocate(engine, s.dtype(), s.shape(), op.name()));
            }
            if (now) {
                compute(engine, op.bind(engine.kernels(), in, views(outputs)), op.name());
                check(engine, op, in, outputs);
            }
            done = true;
        } finally {
            if (!done) {
                outputs.forEach(Tensor::close);
            }
        }
        return List.copyOf(outputs);
    }

    /// Runs a bound call on scratch memory from the engine.
    static void compute(Engine engine, Call call, String label) {
        long bytes = call.scratchBytes();
        if (bytes == 0) {
            call.run(MemorySegment.NULL);
            return;
        }
        Block scratch = engine.lender().acquire(bytes, label + " scratch");
        try {
            call.run(scratch.segment());
        } finally {
            scratch.release();
        }
    }

    /// `target = op(target, others…)` in the memory of `target`.
    static void runInPlace(Op op, Tensor target, List<Tensor> others) {
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(target);
        inputs.addAll(others);
        Engine engine = engine(op, inputs);
        Signature result = op.infer(signatures(inputs)).getFirst();
        if (!result.shape().equals(target.shape())) {
            throw new IllegalArgumentException(op.name() + " in place: the result has shape " + result.shape()
                    + ", the tensor to write to has " + target.shape());
        }
        if (Promotion.rank(result.dtype()) > Promotion.rank(target.dtype())) {
            throw new IllegalArgumentException(op.name() + " in place: a result of type " + result.dtype()
                    + " does not fit into a tensor of type " + target.dtype());
        }
        boolean records = isRecorded(inputs);
        if (records) {
            checkMayRewrite(op, target);
        }
        if (LISTENER.isBound()) {
            LISTENER.get().overwrites(op, target);
        }
        Tensor before = records && op.savesInput(0) ? Autograd.noGrad(target::copy) : target;
        if (before != target && target.source() instanceof Source.Output made) {
            // The copy stands for the old numbers in gradients of gradients too.
            before.madeBy(made);
        }
        List<View> in = operands(op, inputs);
        compute(engine, op.bind(engine.kernels(), in, List.of(target.view())), op.name());
        target.storage().written();
        Reference.reachabilityFence(inputs);
        check(engine, op, in, List.of(target));
        if (records) {
            Node node = node(engine, op, inputs, List.of(target));
            inputs.set(0, before);
            target.rewriteHistory(new Source.Output(node, 0));
            node.save(inputs, List.of(target));
        }
        if (before != target) {
            before.close();
        }
    }

    private static void checkMayRewrite(Op op, Tensor target) {
        if (target.source() instanceof Source.Leaf) {
            throw new IllegalStateException(op.name() + " in place: the tensor " + target.signature()
                    + " is a leaf that requires gradients; update it inside noGrad, or use the form that makes a new"
                    + " tensor");
        }
        if (target.isView()) {
            throw new IllegalStateException(op.name() + " in place: the tensor " + target.signature()
                    + " is a view and gradients are recorded; use the form that makes a new tensor, or clone first");
        }
    }

    private static void record(Engine engine, Op op, List<Tensor> inputs, List<Tensor> outputs) {
        if (!isRecorded(inputs) || outputs.stream().noneMatch(t -> t.dtype().isFloating())) {
            return;
        }
        Node node = node(engine, op, inputs, outputs);
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i).dtype().isFloating()) {
                outputs.get(i).madeBy(new Source.Output(node, i));
            }
        }
        node.save(inputs, outputs);
    }

    private static Node node(Engine engine, Op op, List<Tensor> inputs, List<Tensor> outputs) {
        inputs.forEach(t -> t.checkHistory(op));
        Node node = new Node(engine, op, inputs, outputs);
        Scope scope = engine.currentScope();
        if (scope != null) {
            scope.add(node);
        }
        return node;
    }

    private static List<View> operands(Op op, List<Tensor> tensors) {
        for (int i = 0; i < tensors.size(); i++) {
            if (tensors.get(i).isClosed()) {
                throw new IllegalStateException(op.name() + ": operand " + i + " " + tensors.get(i).signature()
                        + Tensor.FREED);
            }
        }
        return views(tensors);
    }

    static List<View> views(List<Tensor> tensors) {
        List<View> views = new ArrayList<>(tensors.size());
        for (Tensor t : tensors) {
            views.add(t.view());
        }
        return views;
    }

    static List<Signature> signatures(List<Tensor> tensors) {
        List<Signature> signatures = new ArrayList<>(tensors.size());
        for (Tensor t : tensors) {
            signatures.add(t.signature());
        }
        return signatures;
    }

    private static boolean isRecorded(List<Tensor> inputs) {
        for (Tensor t : inputs) {
            if (t.requiresGrad()) {
                return Autograd.isEnabled();
            }
        }
        return false;
    }

    private static Engine engine(Op op, List<Tensor> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException(op.name() + ": needs at least one operand");
        }
        Engine engine = inputs.getFirst().engine();
        for (Tensor t : inputs) {
            if (t.engine() != engine) {
                throw new IllegalArgumentException(op.name() + ": the operands live on different engines: "
                        + signatures(inputs));
            }
        }
        engine.checkOpen();
        return engine;
    }

    private static final Expr NAN = Expr.input(0).apply(UnaryFunction.IS_NAN);

    /// In check mode: throws when an output has a NaN, naming `op`.
    private static void check(Engine engine, Op op, List<View> in, List<Tensor> outputs) {
        if (!engine.checksNumbers()) {
            return;
        }
        for (Tensor t : outputs) {
            if (t.dtype().isFloating() && t.count() > 0) {
                int[] ones = new int[t.shape().rank()];
                Arrays.fill(ones, 1);
                Block block = engine.lender().acquire(8, "check");
                try {
                    View any = View.of(block.segment(), 0, t.dtype(), ones);
                    compute(engine, engine.kernels().reduce().reduce(Reduction.MAX, NAN, List.of(t.view()), any),
                            "check");
                    if (any.getDouble(0) != 0) {
                        throw new ArithmeticException(op.name() + ": the result " + t.signature()
                                + " contains NaN; operands: " + in);
                    }
                } finally {
                    block.release();
                }
            }
        }
    }
}
