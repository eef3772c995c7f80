package dev.gatun.nn;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Explanation;
import dev.gatun.ops.graph.Plan;
import dev.gatun.ops.graph.Value;
import dev.gatun.ops.graph.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A session's plan for one input shape, with a workspace per caller, made when the first of so many callers comes.
final class Variant {
    private final Plan plan;
    private final Signature[] inputs;
    private final Shape output;
    private final long outputBytes;
    private final AtomicReferenceArray<@Nullable Workspace> idle;

    Variant(Plan plan, Workspace first, int callers) {
        this.plan = plan;
        Value out = plan.graph().outputs().getFirst();
        this.inputs = plan.graph().inputs().stream().map(Value::signature).toArray(Signature[]::new);
        this.output = out.signature().shape();
        this.outputBytes = out.signature().bytes();
        this.idle = new AtomicReferenceArray<>(callers);
        idle.set(0, first);
    }

    /// The only input, or the first.
    Shape input() {
        return inputs[0].shape();
    }

    boolean takes(List<Shape> shapes) {
        return Arrays.stream(inputs).map(Signature::shape).toList().equals(shapes);
    }

    String inputShapes() {
        return String.join(", ", Arrays.stream(inputs).map(s -> s.shape().toString()).toList());
    }

    int inputs() {
        return inputs.length;
    }

    Signature input(int index) {
        return inputs[index];
    }

    Shape output() {
        return output;
    }

    long inputBytes(int index) {
        return inputs[index].bytes();
    }

    long outputBytes() {
        return outputBytes;
    }

    void checkInput(int index, Tensor tensor) {
        check(inputs.length == 1 ? "input" : "input " + index, inputs[index].dtype(), tensor);
    }

    void checkOutput(Tensor tensor) {
        check("output", DType.F32, tensor);
    }

    private static void check(String what, DType type, Tensor tensor) {
        if (tensor.dtype() != type || !tensor.view().isContiguous()) {
            throw new IllegalArgumentException("session: the " + what + " must be " + type + " and contiguous: "
                    + tensor.view() + (tensor.dtype() == type ? "; call contiguous() first" : "; convert it first"));
        }
    }

    /// The caller holds one of the session's permits, so that a workspace is idle or may be made.
    void run(MemorySegment in, long inAt, MemorySegment out, long outAt) {
        Workspace workspace = take();
        try {
            MemorySegment.copy(in, inAt, workspace.input(0), 0, inputBytes(0));
            workspace.run();
            MemorySegment.copy(workspace.output(0), 0, out, outAt, outputBytes);
        } finally {
            giveBack(workspace);
        }
    }

    /// As [#run(MemorySegment, long, MemorySegment, long)] for several inputs.
    void run(MemorySegment[] in, MemorySegment out) {
        Workspace workspace = take();
        try {
            for (int i = 0; i < in.length; i++) {
                MemorySegment.copy(in[i], 0, workspace.input(i), 0, inputBytes(i));
            }
            workspace.run();
            MemorySegment.copy(workspace.output(0), 0, out, 0, outputBytes);
        } finally {
            giveBack(workspace);
        }
    }

    /// A workspace beside those of the callers of [Session#run], whose memory its owner may see.
    Workspace shown() {
        return Workspace.shown(plan);
    }

    private Workspace take() {
        for (int i = 0; i < idle.length(); i++) {
            Workspace workspace = idle.getAndSet(i, null);
            if (workspace != null) {
                return workspace;
            }
        }
        return new Workspace(plan);
    }

    private void giveBack(Workspace workspace) {
        for (int i = 0; i < idle.length(); i++) {
            if (idle.compareAndSet(i, null, workspace)) {
                return;
            }
        }
        workspace.close();
    }

    String explain() {
        Workspace workspace = take();
        try {
            return Explanation.of(plan, workspace);
        } finally {
            giveBack(workspace);
        }
    }

    String describe() {
        return plan.graph().toString();
    }

    void close() {
        for (int i = 0; i < idle.length(); i++) {
            Workspace workspace = idle.getAndSet(i, null);
            if (workspace != null) {
                workspace.close();
            }
        }
    }
}
