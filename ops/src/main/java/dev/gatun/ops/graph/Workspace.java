package dev.gatun.ops.graph;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.Block;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.ViewOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A plan bound to memory: the slab with all intermediate results, and one call per step. [#run] allocates nothing. One
/// caller at a time.
public final class Workspace implements AutoCloseable {
    private static final String LABEL = "session workspace";

    private final Block slab;
    private final Block scratchBlock;
    private final MemorySegment scratch;
    private final Call[] calls;
    private final Step[] steps;
    private final MemorySegment[] inputs;
    private final MemorySegment[] outputs;

    /// Binds every step of `plan`.
    public Workspace(Plan plan) {
        this(plan, plan.weights().memory().acquire(plan.slabBytes(), LABEL));
    }

    /// A workspace whose inputs and outputs are shown to callers: after [#close] any access to them throws.
    public static Workspace shown(Plan plan) {
        return new Workspace(plan, plan.weights().memory().acquireAlone(plan.slabBytes(), LABEL));
    }

    private Workspace(Plan plan, Block slab) {
        Kernels kernels = plan.weights().kernels();
        this.slab = slab;
        Map<Value, View> views = new HashMap<>();
        Graph graph = plan.graph();
        graph.inputs().forEach(v -> views.put(v, plan.place(v, slab.segment())));
        List<Call> bound = new ArrayList<>();
        List<Step> computed = new ArrayList<>();
        for (Step step : graph.steps()) {
            if (step.op() instanceof ViewOp view) {
                views.put(step.output(), view.apply(view(plan, views, step.inputs().getFirst())));
            } else {
                step.outputs().forEach(v -> views.put(v, plan.place(v, slab.segment())));
                bound.add(bind(plan, kernels, step, views));
                computed.add(step);
            }
        }
        this.inputs = graph.inputs().stream().map(v -> bytes(view(plan, views, v))).toArray(MemorySegment[]::new);
        List<MemorySegment> results = new ArrayList<>();
        for (Value v : graph.outputs()) {
            View view = view(plan, views, v);
            if (!view.isContiguous()) {
                throw new IllegalStateException("session: an output must be row-major, but this one is seen through a"
                        + " transposed or sliced view: " + v.signature() + "; return x.contiguous()");
            }
            results.add(bytes(view));
        }
        this.outputs = results.toArray(MemorySegment[]::new);
        this.calls = bound.toArray(Call[]::new);
        this.steps = computed.toArray(Step[]::new);
        long scratchBytes = 0;
        for (Call call : calls) {
            scratchBytes = Math.max(scratchBytes, call.scratchBytes());
        }
        this.scratchBlock = plan.weights().memory().acquire(scratchBytes, LABEL);
        this.scratch = scratchBlock.segment();
    }

    private static MemorySegment bytes(View view) {
        return view.segment().asSlice(view.offset(), (long) view.count() * view.dtype().bytes());
    }

    private static View view(Plan plan, Map<Value, View> views, Value value) {
        View computed = views.get(value);
        return computed != null ? computed : plan.constant(value);
    }

    /// Packed weights are bound in their layout, everything else as an eager call would.
    private static Call bind(Plan plan, Kernels kernels, Step step, Map<Value, View> views) {
        List<View> out = step.outputs().stream().map(v -> view(plan, views, v)).toList();
        PackedRecurrent recurrent = plan.recurrent(step);
        if (recurrent != null && step.op() instanceof Recurrent layer) {
            // Parameters are not read: x stands for them.
            List<View> in = new ArrayList<>();
            for (int i = 0; i < step.inputs().size(); i++) {
                boolean isParameter = i > 0 && i < layer.parameters();
                in.add(view(plan, views, step.inputs().get(isParameter ? 0 : i)));
            }
            return layer.bind(kernels, recurrent, in, out);
        }
        List<PackedFilter> chain = plan.chain(step);
        if (!chain.isEmpty() && step.op() instanceof ConvChain links) {
            return links.bind(kernels, chain, i -> view(plan, views, step.inputs().get(i)), out.getFirst());
        }
        PackedMatrix matrix = plan.matrix(step);
        PackedFilter filter = plan.filter(step);
        if (matrix == null && filter == null) {
            return step.op().bind(kernels, step.inputs().stream().map(v -> view(plan, views, v)).toList(), out);
        }
        View x = view(plan, views, step.inputs().getFirst());
        List<View> extras = step.inputs().stream().skip(Fusible.OPERANDS).map(v -> view(plan, views, v)).toList();
        if (matrix != null && step.op() instanceof MatMul matmul) {
            return matmul.bind(kernels, x, matrix, extras, out.getFirst());
        }
        if (filter != null && step.op() instanceof Conv2d conv) {
            return conv.bind(kernels, x, filter, extras, out.getFirst());
        }
        throw new IllegalStateException("plan: packed weights for " + step.op().name() + ", which takes none");
    }

    /// Memory of input `index`, to be filled before [#run], which leaves it as it is.
    public MemorySegment input(int index) {
        return inputs[index];
    }

    /// Memory of output `index`, valid until the next [#run].
    public MemorySegment output(int index) {
        return outputs[index];
    }

    /// Computes the outputs from the inputs.
    public void run() {
        for (Call call : calls) {
            call.run(scratch);
        }
    }

    /// Number of kernel calls of a run.
    public int calls() {
        return calls.length;
    }

    /// Runs call `index` alone; in order 0, 1, … they make a [#run].
    public void run(int index) {
        calls[index].run(scratch);
    }

    /// The step that call `index` computes.
    Step step(int index) {
        return steps[index];
    }

    /// The kernel of call `index`.
    String kernel(int index) {
        return calls[index].kernel();
    }

    /// Gives the memory back; nobody may be running.
    @Override
    public void close() {
        slab.release();
        scratchBlock.release();
    }
}
