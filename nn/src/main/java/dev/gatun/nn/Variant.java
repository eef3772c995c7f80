package dev.gatun.nn;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import dev.gatun.ops.graph.Plan;
import dev.gatun.ops.graph.Value;
import dev.gatun.ops.graph.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A session's plan for one input shape, with a workspace per caller, made when the first of so many callers comes.
final class Variant {
    private final Plan plan;
    private final Shape input;
    private final Shape output;
    private final long inputBytes;
    private final long outputBytes;
    private final AtomicReferenceArray<@Nullable Workspace> idle;

    Variant(Plan plan, Workspace first, int callers) {
        this.plan = plan;
        Value in = plan.graph().inputs().getFirst();
        Value out = plan.graph().outputs().getFirst();
        this.input = in.signature().shape();
        this.output = out.signature().shape();
        this.inputBytes = in.signature().bytes();
        this.outputBytes = out.signature().bytes();
        this.idle = new AtomicReferenceArray<>(callers);
        idle.set(0, first);
    }

    Shape input() {
        return input;
    }

    Shape output() {
        return output;
    }

    long inputBytes() {
        return inputBytes;
    }

    long outputBytes() {
        return outputBytes;
    }

    void check(String what, Tensor tensor) {
        if (tensor.dtype() != DType.F32 || !tensor.view().isContiguous()) {
            throw new IllegalArgumentException("session: the " + what + " must be F32 and contiguous: " + tensor.view()
                    + (tensor.dtype() == DType.F32 ? "; call contiguous() first" : "; convert it first"));
        }
    }

    /// The caller holds one of the session's permits, so that a workspace is idle or may be made.
    void run(MemorySegment in, long inAt, MemorySegment out, long outAt) {
        Workspace workspace = take();
        try {
            MemorySegment.copy(in, inAt, workspace.input(0), 0, inputBytes);
            workspace.run();
            MemorySegment.copy(workspace.output(0), 0, out, outAt, outputBytes);
        } finally {
            giveBack(workspace);
        }
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
